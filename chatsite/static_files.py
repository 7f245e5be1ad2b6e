"""Static files with hashed names, own JavaScript modules' imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hash every file and rewrite ``import … from './x.js'`` to the hashed name.

    Without the switch a hashed module would import its siblings by plain name, and browsers would serve those
    from an old cache.
    """

    support_js_module_import_aggregation = True
