"""The administration pages: people, organisations and roles, for whoever is administrator now.

Nothing is saved here: each form calls its service. Django's own flags (staff, superuser) open no door.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin import widgets
from django.contrib.admin.utils import unquote
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from . import services
from .models import Membership, Organisation, OrganisationDomain, User
from .roles import Role
from .selectors import history_of, roles_of
from .services.organisations import domains_of
from .step_up import need_fresh_proof

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelForm, _ModelAdmin = forms.ModelForm, admin.ModelAdmin


class Desk(admin.AdminSite):
    site_header = site_title = "Administration"
    index_title = "People, organisations and roles"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and Role.ADMIN in roles_of(request.user, timezone.now())

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """By the desk's own door; whoever has come in and is no administrator finds nothing here."""
        if request.user.is_authenticated:
            raise Http404
        target = request.GET.get("next", reverse("admin:index"))
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")


desk = Desk(name="admin")


class ServiceForm(_ModelForm):
    """Calls its service as the last step of validation, so that a refusal stands beside what was typed."""

    actor: User

    def perform(self, now: datetime) -> Any:
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        if self.errors:
            return
        try:
            self.instance = self.perform(timezone.now())
        except services.Refused as why:
            self.add_error(None, str(why))


class ByService(_ModelAdmin):
    """Allowed to administrators, and only what a service does; our own log takes the place of admin's."""

    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = request.user
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            need_fresh_proof(request)
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Done by the form."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def has_module_permission(self, request: HttpRequest) -> bool:
        return desk.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return desk.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return desk.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return desk.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserForm(ServiceForm):
    def perform(self, now: datetime) -> User:
        return services.change_user(
            user_id=self.instance.pk,
            display_name=self.cleaned_data["display_name"],
            is_active=self.cleaned_data["is_active"],
            actor=self.actor,
            now=now,
        )


@admin.register(User, site=desk)
class UserAdmin(ByService):
    """People are added and given new passwords on the command line, where the password is shown once."""

    form = UserForm
    fields = ("email", "display_name", "is_active")
    readonly_fields = ("email",)
    list_display = ("display_name", "email", "is_active")
    search_fields = ("display_name", "email")
    ordering = ("display_name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class MailDomainsField(forms.CharField):
    """One domain a line, its certainty behind it, and `legacy` where it is no longer used."""

    widget = forms.Textarea({"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return "\n".join(
            f"{row.domain} {row.certainty}{' legacy' if row.legacy else ''}" for row in value or ()
        )

    def to_python(self, value: Any) -> Any:
        lines = [line.split() for line in str(value or "").splitlines() if line.strip()]
        faults = [
            f"Line {number}: write the domain, then H, M or L, then legacy if it is no longer used."
            for number, words in enumerate(lines, start=1)
            if len(words) not in {2, 3} or words[1] not in OrganisationDomain.Certainty or words[2:] not in ([], ["legacy"])
        ]  # fmt: skip
        if faults:
            raise forms.ValidationError(faults)
        return [
            services.MailDomain(words[0].lower(), OrganisationDomain.Certainty(words[1]), len(words) == 3)
            for words in lines
        ]


class OrganisationForm(ServiceForm):
    may_use = forms.MultipleChoiceField(
        label="May use",
        required=False,
        choices=[("P", "Police requests (P)"), ("A", "Money laundering and terrorism (A)"), ("O", "What goes to legal (O)")],
        widget=forms.CheckboxSelectMultiple,
        help_text="The kinds of request this body may make. Nothing ticked: the register does not say.",
    )  # fmt: skip
    domains = MailDomainsField(
        label="Mail domains",
        required=False,
        help_text=(
            "One a line: the domain, then H (seen in an official source), M (one source) or L (a guess), "
            "then legacy if it is no longer used. For example: kent.police.uk H"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["domains"] = domains_of(organisation=self.instance)

    def perform(self, now: datetime) -> Organisation:
        given = dict(self.cleaned_data)
        if self.instance.pk:
            return services.change_organisation(
                organisation_id=self.instance.pk, actor=self.actor, now=now, **given
            )
        return services.register_organisation(actor=self.actor, now=now, **given)


@admin.register(Organisation, site=desk)
class OrganisationAdmin(ByService):
    form = OrganisationForm
    list_display = ("name", "kind", "nation", "is_active")
    list_filter = ("kind", "nation", "is_active")
    search_fields = ("name", "code")
    ordering = ("name",)

    def get_fields(self, request: HttpRequest, obj: Organisation | None = None) -> tuple[str, ...]:
        always = (
            "name", "nation", "switchboard", "switchboard_source", "switchboard_checked_on", "may_use", "domains",
            "needs_verification",
        )  # fmt: skip
        return (*always, "is_active") if obj else ("code", "kind", *always)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ours, from the log: who changed the row, when, and what stood there before and after."""
        organisation = self.get_object(request, unquote(object_id))
        if organisation is None or not self.has_view_permission(request, organisation):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {organisation}",
            "organisation": organisation,
            "opts": self.opts,
            "changes": history_of(organisation),
        }
        return render(request, "admin/organisation_history.html", context)


class MembershipForm(ServiceForm):
    def perform(self, now: datetime) -> Membership:
        given = self.cleaned_data
        if self.instance.pk:
            return services.end_membership(
                membership_id=self.instance.pk, at=given["valid_until"], actor=self.actor, now=now
            )
        return services.grant_membership(actor=self.actor, now=now, **given)


class DateAndTime(widgets.AdminSplitDateTime):
    """Each of the two boxes has its own name for those who hear the page."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for box, name in zip(self.widgets, ("Date", "Time"), strict=True):
            box.attrs["aria-label"] = name


@admin.register(Membership, site=desk)
class MembershipAdmin(ByService):
    """A role is given once, and later only ended."""

    form = MembershipForm
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime}
    }
    list_display = ("user", "role", "organisation", "valid_from", "valid_until")
    list_filter = ("role", "organisation__kind")
    list_select_related = ("user", "organisation")
    search_fields = ("user__display_name", "user__email")
    ordering = ("-valid_from",)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "organisation", "role", "valid_from", "valid_until")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "organisation", "role", "valid_from") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj:
            form.base_fields["valid_until"].required = True
        return form
