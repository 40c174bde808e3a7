"""Persons, organisations and who works where."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonManager(BaseUserManager["Person"]):
    """Makes persons; there are no passwords, one signs in by e-mail code or passkey."""

    def create_user(self, email: str, name: str = "", **extra: object) -> "Person":
        """A new person without a usable password. Raises ``IntegrityError`` when the address is taken."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, **extra)
        person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """Anyone with a sign-in, member or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(max_length=10, default="ko")
    time_zone = models.CharField(max_length=64, default="Asia/Seoul")
    is_operator = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name or str(self.id)[:8]


class Organisation(models.Model):
    """A body people work in: a cleaning co-op, a band, a clinic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    about = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Work(models.Model):
    """A person works in, or speaks for, an organisation from one day until another."""

    WORKER, REPRESENTATIVE = "worker", "representative"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="work")
    person = models.ForeignKey(Person, models.PROTECT, related_name="work")
    role = models.CharField(max_length=20, choices=[(WORKER, _("works here")), (REPRESENTATIVE, _("speaks for it"))], default=WORKER)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "person", "role"], condition=models.Q(until=None), name="people_work_once"),
        ]
