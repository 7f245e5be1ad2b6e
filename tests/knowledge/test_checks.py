"""Settings that start but would not serve are told."""

import pytest

from knowledge.checks import check_embeddings

ADDRESS = "http://127.0.0.1:1/v1"


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({}, []),
        ({"BASE_URL": ADDRESS, "MODEL": "m"}, []),
        ({"BASE_URL": ADDRESS}, ["knowledge.E001"]),
        ({"MODEL": "m"}, ["knowledge.E002"]),
        ({"BASE_URL": ADDRESS, "MODEL": "m", "TRUST_ABOVE": 9, "SURE_ABOVE": 8}, ["knowledge.E003"]),
        ({"BASE_URL": ADDRESS, "MODEL": "m", "LANGUAGES": []}, ["knowledge.W001"]),
    ],
)
def test_half_an_endpoint_is_told(settings, changed, ids):
    for name, value in ({"BASE_URL": "", "MODEL": ""} | changed).items():
        setattr(settings, f"EMBEDDINGS_{name}", value)
    assert [message.id for message in check_embeddings(None)] == ids
