"""No change of a person, an organisation or a role without its entry in the log, nor the other way round."""

from django.db import migrations

from audit.coupling import couple_child, couple_object


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0002_guards")]

    operations = [
        *couple_object("user", "accounts_user", "ref"),
        *couple_object("organisation", "accounts_organisation", "ref"),
        *couple_object("membership", "accounts_membership", "ref"),
        *couple_child("accounts_companyprofile", "organisation_id", "organisation"),
        *couple_child("accounts_organisationalias", "organisation_id", "organisation"),
        *couple_child("accounts_organisationdomain", "organisation_id", "organisation"),
        *couple_child("accounts_rolegroup", "organisation_id", "organisation"),
    ]
