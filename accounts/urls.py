"""Sign-in and what belongs to it, under the names allauth's code goes by. What is not here is not served:
nobody registers themselves, resets a password by mail or manages addresses."""

from allauth.account import views
from django.urls import include, path

from . import session_pages
from .admin import desk

urlpatterns = [
    path("account/login/", views.login, name="account_login"),
    path("account/logout/", views.logout, name="account_logout"),
    path("account/inactive/", views.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", views.password_change, name="account_change_password"),
    path("account/stay/", session_pages.stay, name="account_stay"),
    path("account/sessions/", session_pages.sessions, name="account_sessions"),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("administration/", desk.urls),
]
