"""Which permissions the App asks for follows from what its tokens are for and what it hears."""

from bot.events import EVENTS
from bot.github.app_form import SUBSCRIBED, permissions, permissions_table, registration_query
from bot.github.transport.tokens import Purpose
from bot.sandbox.access.permissions import EVENT_PERMISSIONS, INSTALLED_PERMISSIONS


def test_each_permission_of_each_token_has_its_line_and_reason():
    asked = {(line.name, line.access) for line in permissions()}
    strongest = {name: "write" for name, access in asked if access == "write"}
    for purpose in Purpose:
        for name, access in purpose.permissions.items():
            assert (name, access) in asked or strongest[name] == "write"
    assert all(line.why.endswith(".") for line in permissions())


def test_what_only_an_optional_token_needs_is_optional():
    assert {(line.name, line.access) for line in permissions() if line.optional} >= {
        ("workflows", "write"),
        ("discussions", "write"),
    }
    assert "| *Workflows* | write, optional |" in permissions_table()


def test_the_installation_that_the_tests_play_was_granted_what_is_not_optional():
    needed = {line.name: line.access for line in permissions() if not line.optional}
    assert {"metadata": "read", **needed} == INSTALLED_PERMISSIONS


def test_each_event_that_the_app_hears_is_one_that_its_permissions_allow():
    needed = {"metadata", *(line.name for line in permissions() if not line.optional)}
    assert not [event for event in SUBSCRIBED if not set(EVENT_PERMISSIONS[event]) <= needed]


def test_what_the_app_hears_and_is_not_sent_unasked_has_to_be_subscribed_to():
    assert set(SUBSCRIBED) == EVENTS - {"installation", "installation_repositories"}


def test_the_form_of_a_new_app_can_be_filled_with_what_is_not_optional():
    query = registration_query()
    assert "contents=write" in query
    assert "checks=read" in query
    assert "workflows=" not in query
    assert query.endswith("".join(f"&events[]={event}" for event in SUBSCRIBED))
