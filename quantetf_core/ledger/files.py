"""The former place of `quantetf_core.atomic_files`."""

from quantetf_core.atomic_files import (
    STAGING_PREFIX,
    ensure_folder,
    fsync_dir,
    publish_folder,
    remove_staging,
    remove_temporaries,
    stage_folder,
    write_atomic,
)

__all__ = [
    "STAGING_PREFIX",
    "ensure_folder",
    "fsync_dir",
    "publish_folder",
    "remove_staging",
    "remove_temporaries",
    "stage_folder",
    "write_atomic",
]
