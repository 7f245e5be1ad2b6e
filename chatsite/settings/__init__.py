"""Every setting of Chatsite. Only the modules of this package read the environment, through ``env``.

``REDIS_URL`` decides the carrier: without it one process does everything (embedded); with it Celery workers
run the turns and Redis carries events, signals, limits and caches (scaled). ``SITE_URL`` is the address
people type; https there switches every transport protection on.
"""

from chatsite import access, framework, identity
from chatsite.settings import answers, library, people, site, storage

# First what no environment changes; what stands later goes before it.
for _part in (framework, identity, access, site, storage, answers, library, people):
    globals().update({name: value for name, value in vars(_part).items() if name.isupper()})
