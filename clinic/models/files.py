"""Files that people take in: kept in the database, so that backups, permissions and several machines hold for them."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.organisation import Branch
from clinic.models.staff import Staff


class StoredFile(models.Model):
    """One file as it was drawn anew, with a small picture of it. It is never changed; its content may be emptied.

    Lists leave `content` and `thumbnail` out (`defer`): they are read one at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content_type = models.CharField(_("kind"), max_length=40)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_collation="C")
    width = models.PositiveIntegerField(_("width"), null=True)
    height = models.PositiveIntegerField(_("height"), null=True)
    content = models.BinaryField()
    thumbnail = models.BinaryField(default=b"")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(Staff, verbose_name=_("taken in by"), on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("taken in"))
    emptied_at = models.DateTimeField(_("emptied"), null=True)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        triggers: ClassVar = [
            pgtrigger.Protect(name="stored_file_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="stored_file_only_emptied",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=pgtrigger.Func(
                    """
                    IF OLD.emptied_at IS NULL AND NEW.emptied_at IS NOT NULL
                        AND octet_length(NEW.content) = 0 AND octet_length(NEW.thumbnail) = 0
                        AND (OLD.id, OLD.content_type, OLD.size, OLD.sha256, OLD.branch_id, OLD.uploaded_by_id,
                            OLD.uploaded_at)
                            = (NEW.id, NEW.content_type, NEW.size, NEW.sha256, NEW.branch_id, NEW.uploaded_by_id,
                            NEW.uploaded_at)
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a stored file can only be emptied' USING ERRCODE = 'check_violation';
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return kind and size."""
        return f"{self.content_type} {self.size}"
