"""The OpenAPI schema of the staff's part: complete, valid, and without a warning."""

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

PATHS = {
    "documents/": {"get", "post"},
    "documents/{document}/": {"get", "patch", "delete"},
    "documents/{document}/withdraw": {"post"},
    "documents/{document}/versions/": {"get", "post"},
    "documents/{document}/versions/{number}/": {"get", "delete"},
    "documents/{document}/versions/{number}/publish": {"post"},
    "documents/{document}/versions/{number}/withdraw": {"post"},
    "documents/{document}/versions/{number}/passages/": {"get"},
    "imports/": {"get", "post"},
    "imports/{batch}/": {"get"},
    "imports/{batch}/files/": {"get"},
    "search/": {"get", "post"},
}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_schema_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


@pytest.mark.parametrize("path", PATHS)
def test_every_step_is_described(schema, path):
    steps = schema["paths"][f"/api/v1/{path}"]
    assert steps.keys() - {"parameters"} == PATHS[path]
    for step in steps.values():
        assert step["description"] and step["operationId"] and step["tags"]
        assert {"401", "403"} <= step["responses"].keys()
        refused = step["responses"]["403"]["content"]["application/problem+json"]
        assert refused["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_operation_ids_are_their_own(schema):
    ids = [step["operationId"] for steps in schema["paths"].values() for step in steps.values()]
    assert len(ids) == len(set(ids))


def test_text_and_file_are_both_ways_in(schema):
    for path in ("documents/", "documents/{document}/versions/"):
        step = schema["paths"][f"/api/v1/{path}"]["post"]
        assert step["requestBody"]["content"].keys() == {"application/json", "multipart/form-data"}
        assert step["requestBody"]["content"]["application/json"]["examples"]
    file = schema["components"]["schemas"]["UploadedDocument"]["properties"]["file"]
    assert (file["type"], file["format"]) == ("string", "binary")


def test_conditions_and_tags_are_named(schema):
    step = schema["paths"]["/api/v1/documents/{document}/versions/"]["post"]
    assert any(p["name"] == "If-Match" and p["in"] == "header" for p in step["parameters"])
    assert "ETag" in step["responses"]["201"]["headers"]
    assert "headers" not in step["responses"]["409"]


def test_lists_are_paged(schema):
    step = schema["paths"]["/api/v1/documents/"]["get"]
    assert {"cursor", "state", "q", "category"} <= {p["name"] for p in step["parameters"]}
