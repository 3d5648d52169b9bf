"""Visitors taken over from another system: the files, what is wrong in them, and what came of each row."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Job, Staff
from reception.models.visitors import Standing, Visitor


class ImportMapping(models.Model):
    """How a branch last matched columns of these names; asked for the next file that has the same."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    headers_key = models.CharField(max_length=64, db_collation="C")
    fields = models.JSONField(default=dict)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("matching of columns")
        verbose_name_plural = _("matchings of columns")
        constraints = [models.UniqueConstraint(fields=["branch", "headers_key"], name="import_mapping_once")]

    def __str__(self) -> str:
        """Return the matched names."""
        return ", ".join(name for name, field in self.fields.items() if field)


class ImportBatch(models.Model):
    """One uploaded file, from its upload to its import, and back."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Columns to be matched")
        MATCHED = "matched", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")
        DISCARDED = "discarded", _("Discarded")

    class IdentifyBy(models.TextChoices):
        FILE_NUMBER = "file_number", _("The file number")
        PHONE_NAME = "phone_name", _("Phone and name")

    class OnDuplicate(models.TextChoices):
        SKIP = "skip", _("Leave who is on file as she is")
        FILL = "fill", _("Fill in only what is empty on her card")
        NEW = "new", _("Take her as a new person")

    class Problem(models.TextChoices):
        STOPPED = "stopped", _("The work was stopped. Nothing was written.")
        ROWS = "rows", _("The file has too many rows. Split it.")
        MISTAKES = "mistakes", _("Too many mistakes: probably a column holds something else. Match the columns again.")
        UNREADABLE = "unreadable", _("The file cannot be read to its end. Export it again from the old system.")
        CHANGED = "changed", _("Somebody on file was changed or taken in since the check. Check the file once more.")
        KEPT = "kept", _("Some of its rows have been used since, so it cannot be taken back.")
        FAILED = "failed", _("The work broke off, and nothing was written. Try it again.")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, verbose_name=_("imported by"), on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_collation="C")
    encoding = models.CharField(_("encoding"), max_length=10)
    header = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    fields = models.JSONField(default=list)
    identify_by = models.CharField(
        _("who is the same person"), max_length=11, choices=IdentifyBy, default=IdentifyBy.FILE_NUMBER
    )
    on_duplicate = models.CharField(
        _("what with duplicates"), max_length=4, choices=OnDuplicate, default=OnDuplicate.SKIP
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_wrong = models.PositiveIntegerField(_("rows with mistakes"), default=0)
    mistakes_found = models.PositiveIntegerField(_("mistakes"), default=0)
    new = models.PositiveIntegerField(_("new people"), default=0)
    filled = models.PositiveIntegerField(_("filled in"), default=0)
    skipped = models.PositiveIntegerField(_("left as they are"), default=0)
    problem = models.CharField(max_length=10, choices=Problem, blank=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")
    last_event = models.BigIntegerField(default=0)
    uploaded_at = models.DateTimeField(_("uploaded"))
    imported_at = models.DateTimeField(_("imported"), null=True)
    undone_at = models.DateTimeField(_("taken back"), null=True)
    request_key = models.UUIDField(unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, db_default="", default="", editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["branch", "-id"], name="import_branch"),
            models.Index(fields=["sha256"], name="import_sha256"),
        ]

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.file_name


class ImportPiece(models.Model):
    """A piece of an uploaded file. It lies here and not on a disk: page workers and the worker may be apart."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of files")
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="import_piece_once")]

    def __str__(self) -> str:
        """Return the position."""
        return str(self.position)


class ImportMistake(models.Model):
    """What is wrong in a file: row, column (None: the row), kind, and the value as it was typed."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="mistakes", db_index=False)
    row = models.PositiveIntegerField()
    column = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("mistake in a file")
        verbose_name_plural = _("mistakes in files")
        ordering = ["row", "id"]
        indexes: ClassVar = [models.Index(fields=["batch", "row", "id"], name="import_mistake_row")]

    def __str__(self) -> str:
        """Return row and kind."""
        return f"{self.row} {self.kind}"


class StagedRow(models.Model):
    """A row without mistakes as it will be, until it is imported."""

    class Decision(models.TextChoices):
        NEW = "new", pgettext_lazy("visitor", "New person")
        FILL = "fill", _("Filled in")
        SKIP = "skip", _("Left as she is")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="staged", db_index=False)
    row = models.PositiveIntegerField()
    decision = models.CharField(max_length=4, choices=Decision, default=Decision.NEW)
    matched = models.ForeignKey(Visitor, on_delete=models.CASCADE, null=True, related_name="+")
    new_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=50)
    name_key = models.CharField(max_length=200, db_collation="C")
    phone = models.CharField(max_length=20)
    phone_key = models.CharField(max_length=20, db_collation="C")
    gender = models.CharField(max_length=7, choices=Visitor.Gender)
    birth_on = models.DateField(null=True)
    file_number = models.CharField(max_length=20, db_collation="C")
    heard_from = models.CharField(max_length=60)
    medical_notes = models.TextField()
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="+")
    standing = models.CharField(max_length=8)
    consulted_by = ArrayField(models.BigIntegerField())
    first_visit_on = models.DateField(null=True)
    last_visit_on = models.DateField(null=True)
    visits = models.JSONField(default=list)
    kinds = ArrayField(models.CharField(max_length=10))
    keys = ArrayField(models.CharField(max_length=200))

    class Meta:
        verbose_name = _("row to be imported")
        verbose_name_plural = _("rows to be imported")
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="staged_row_once")]

    def __str__(self) -> str:
        """Return row and name."""
        return f"{self.row} {self.name}"

    @property
    def standing_words(self) -> str:
        """How far she got, in the reader's language."""
        return str(Standing(self.standing).label)


class ImportedRow(models.Model):
    """Which visitor a row became or filled in; `filled` is what it wrote on a card that was there, by field."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="imported", db_index=False)
    row = models.PositiveIntegerField()
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="+")
    is_new = models.BooleanField()
    filled = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="imported_row_once")]

    def __str__(self) -> str:
        """Return the row."""
        return str(self.row)


class PastVisit(models.Model):
    """A visit of before this system: its day and what the other system said of it. It has no number and no state."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="past_visits", db_index=False)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="past_visits")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    projects = models.CharField(_("projects"), max_length=200, blank=True)
    project_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    consultant = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    consultant_name = models.CharField(_("consultant"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("visit of before")
        verbose_name_plural = _("visits of before")
        ordering = ["-day", "-id"]
        indexes: ClassVar = [models.Index(fields=["visitor", "-day"], name="past_visit_visitor")]

    def __str__(self) -> str:
        """Return the day."""
        return self.day.isoformat()
