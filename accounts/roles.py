"""What a person may be in an organisation. Stored values; never renamed."""

from django.db import models


class Role(models.TextChoices):
    GROUP_SUBMITTER = "GROUP_SUBMITTER", "Group company submitter"
    INTAKE_CLERK = "INTAKE_CLERK", "Intake clerk"
    HANDLER = "HANDLER", "Handler"
    APPROVER = "APPROVER", "Approver"
    DPO = "DPO", "Data protection officer"
    MLRO = "MLRO", "Money laundering reporting officer"
    RELEASE_OFFICER = "RELEASE_OFFICER", "Release officer"
    AUDITOR = "AUDITOR", "Auditor"
    ADMIN = "ADMIN", "Administrator"
    HEAD_OF_LEGAL = "HEAD_OF_LEGAL", "Head of legal"
    TEAM_LEAD = "TEAM_LEAD", "Team lead"
    DATA_HOLDER = "DATA_HOLDER", "Data holder"


CONTROLLER_ROLES = frozenset(set(Role) - {Role.GROUP_SUBMITTER})
GROUP_COMPANY_ROLES = frozenset({Role.GROUP_SUBMITTER})
