"""Addresses of the desk. References are random; nothing personal stands in an address."""

from django.urls import path, register_converter

from .references import PATTERN
from .views import (
    calendar,
    company,
    company_people,
    emergency,
    following,
    intake,
    items,
    letters,
    on_file,
    organisations,
    ownership,
    people,
    queue,
    receipts,
    record,
    registers,
    requests,
    search_list,
    searches,
    settled,
    systems,
    team,
    theme,
    wording,
    work,
)


class ReferenceConverter:
    regex = PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "ref")
app_name = "disclosures"

urlpatterns = [
    path("", queue.home, name="home"),
    path("queue/", queue.my_queue, name="my-queue"),
    path("queue/due/", queue.due_today, name="due-today"),
    path("queue/team/", queue.team_queue, name="team-queue"),
    path("requests/", queue.find, name="find"),
    path("notices/", following.notices, name="notices"),
    path("requests/new/", intake.first_question, name="new"),
    path("requests/new/<slug:what>/", intake.new_request, name="new-form"),
    path("requests/<ref:reference>/", requests.detail, name="request"),
    path("requests/<ref:reference>/edit/", intake.edit_request, name="edit"),
    path("requests/<ref:reference>/step/<slug:action>/", requests.take_step, name="take-step"),
    path("requests/<ref:reference>/evidence/", work.evidence, name="evidence"),
    path("requests/<ref:reference>/ask/", work.ask_for_search, name="ask-search"),
    path("requests/<ref:reference>/tests/", work.tests, name="tests"),
    path("requests/<ref:reference>/opinion/", work.opinion, name="opinion"),
    path("requests/<ref:reference>/court/", work.court, name="court"),
    path("requests/<ref:reference>/items/", items.items, name="items"),
    path("requests/<ref:reference>/lines/", items.lines, name="lines"),
    path("requests/<ref:reference>/addressee/", settled.addressee, name="addressee"),
    path("requests/<ref:reference>/costs/", settled.costs, name="costs"),
    path("requests/<ref:reference>/assign/", work.assign, name="assign"),
    path("requests/<ref:reference>/exclude/", work.exclude, name="exclude"),
    path("requests/<ref:reference>/restrict/", work.restrict, name="restrict"),
    path("requests/<ref:reference>/attach/", on_file.attach, name="attach"),
    path("requests/<ref:reference>/documents/<str:document>/", on_file.download, name="document"),
    path("requests/<ref:reference>/receipts/<int:version>/", receipts.receipt, name="receipt"),
    path("requests/<ref:reference>/correspondence/", on_file.correspondence, name="correspondence"),
    path("requests/<ref:reference>/delivery/", on_file.delivery, name="delivery"),
    path("requests/<ref:reference>/comments/", on_file.comments, name="comments"),
    path("requests/<ref:reference>/record/<slug:form>/", record.decision, name="record"),
    path("requests/<ref:reference>/messages/", following.messages_to_company, name="messages"),
    path("requests/<ref:reference>/watch/", following.watch, name="watch"),
    path("requests/<ref:reference>/link/", on_file.link, name="link"),
    path("emergency/", emergency.take_in, name="emergency-new"),
    path("people/", team.people, name="people"),
    path("bank-holidays/", calendar.holidays, name="holidays"),
    path("bank-holidays/<slug:ref>/strike-out/", calendar.strike_out, name="holiday-strike-out"),
    path("people/decide/", team.who_decides, name="who-decides"),
    path("registers/", registers.index, name="registers"),
    path("people/<slug:ref>/", organisations.colleague, name="colleague"),
    path("registers/organisations/", organisations.organisations, name="organisations"),
    path("registers/organisations/<slug:code>/", organisations.organisation, name="organisation"),
    path("registers/companies/", ownership.ownership, name="ownership"),
    path("registers/systems/", systems.systems, name="systems"),
    path("registers/systems/new/", systems.new_system, name="system-new"),
    path("registers/systems/<slug:code>/", systems.system, name="system"),
    path("registers/letters/", wording.letters, name="letter-wordings"),
    path("registers/letters/<slug:slug>/", wording.letter, name="letter-wording"),
    path("on-call/", emergency.on_call, name="on-call"),
    path("requests/<ref:reference>/emergency/", emergency.see_through, name="emergency"),
    path("requests/<ref:reference>/members/", people.members, name="members"),
    path("requests/<ref:reference>/open/", work.open_to_desk, name="open"),
    path("requests/<ref:reference>/letter/<slug:purpose>/", letters.prepare, name="letter"),
    path("requests/<ref:reference>/letter/<slug:purpose>/print/", letters.print_letter, name="letter-print"),
    path("requests/<ref:reference>/letter/<slug:purpose>/sent/", letters.record_sent, name="letter-sent"),
    path("searches/", searches.task_list, name="searches"),
    path("searches/<slug:reference>/", searches.task, name="search"),
    path("searches/<slug:reference>/list.csv", search_list.table, name="search-table"),
    path("company/", company.home, name="company"),
    path("company/new/", company.begin, name="company-new"),
    path("company/people.csv", company_people.empty_table, name="company-people-table"),
    path("company/<ref:reference>/", company.detail, name="company-request"),
    path("company/<ref:reference>/messages/", following.company_messages, name="company-messages"),
    path("company/<ref:reference>/check/", company.check, name="company-check"),
    path("company/<ref:reference>/result.csv", company.result, name="company-result"),
    path("company/<ref:reference>/receipts/<int:version>/", receipts.company_receipt, name="company-receipt"),
    path("company/<ref:reference>/repeat/", company.repeat, name="company-repeat"),
    path("company/<ref:reference>/people/list/", company_people.upload, name="company-people"),
    path("company/<ref:reference>/end/<slug:slug>/", company.end, name="company-end"),
    path("company/<ref:reference>/<slug:slug>/", company.step, name="company-step"),
    path("theme/", theme.set_theme, name="theme"),
]
