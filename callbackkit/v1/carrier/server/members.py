"""The members of a conference: calls that were created for it."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created_reply, empty_reply, json_reply
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.conferences import Member
from callbackkit.v1.carrier.events import iso
from callbackkit.v1.carrier.rules import MAX_CONFERENCE
from callbackkit.v1.carrier.server.call_updates import steered
from callbackkit.v1.carrier.server.conferences import conference_of, open_conference
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection
from callbackkit.v1.carrier.server.request import Operations, Request, body_of


def list_members(request: Request) -> Response:
    """All members, past ones too (methods/conferences/getConferencesConferenceIdMembers)."""
    return listed(request, list(conference_of(request).members.values()), _shown)


def create_member(request: Request) -> Response:
    """Put a call into a conference (methods/conferences/postConferencesConferenceIdMembers)."""
    conference = open_conference(request)
    given = body_of(request, "conferenceMember")
    call_id = given.needed("callId")
    flags = {name: given.flag(name) for name in ("joinTone", "leavingTone", "mute", "hold")}
    call = request.carrier.calls.get(call_id)
    if call is None:
        raise RestRejection("call-id-not-found", call_id, details={"callId": call_id})
    if call.conference_id != conference.id:
        raise RestRejection("invalid-call-conference-id", conference.id)
    steered(call)
    if call.member is not None:
        # A call that is in it already: no page has a code for that.
        raise RestRejection("call-invalid-state", call.id, call.status)
    if sum(1 for _ in conference.active()) >= MAX_CONFERENCE:
        raise RestRejection("conference-max-members", conference.id)
    member = Member(
        conference,
        call,
        join_tone=bool(flags["joinTone"]),
        leaving_tone=bool(flags["leavingTone"]),
        mute=bool(flags["mute"]),
        hold=bool(flags["hold"]),
    )
    return created_reply(request.carrier.uri(f"conferences/{conference.id}/members/{member.id}"))


def get_member(request: Request) -> Response:
    """A member (methods/conferences/getConferencesConferenceIdMembersMemberId)."""
    return json_reply(_shown(_member_of(request)))


def update_member(request: Request) -> Response:
    """Mute a member, put it on hold, or take it out
    (methods/conferences/postConferencesConferenceIdMembersMemberId)."""
    member = _member_of(request)
    given = body_of(request, "conferenceMember")
    state = given.word("state", ("completed",))
    join, leaving = given.flag("joinTone"), given.flag("leavingTone")
    mute, hold = given.flag("mute"), given.flag("hold")
    if member.state == "completed":
        if state is not None:
            return empty_reply()  # it is what it is to be
        raise RestRejection("call-unavailable", member.id)
    member.join_tone = member.join_tone if join is None else join
    member.leaving_tone = member.leaving_tone if leaving is None else leaving
    before = (member.mute, member.hold)
    member.mute = member.mute if mute is None else mute
    member.hold = member.hold if hold is None else hold
    if state is not None:
        member.leave()
    elif (member.mute, member.hold) != before:
        member.notify()
    return empty_reply()


def play(request: Request) -> Response:
    """Play a file or say a sentence to one member, or stop; the events are those of its call
    (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)."""
    member = _member_of(request)
    asked = audio_of(body_of(request, "audio"))
    if member.state == "completed":
        raise RestRejection("call-unavailable", member.id)
    call = steered(member.call)
    if not isinstance(asked, Stop):
        audio.play_to_call(call, asked)
    elif not audio.stop(call, asked.kind):
        raise RestRejection("call-audio-invalid-state", call.id)
    return empty_reply()


def _member_of(request: Request) -> Member:
    member_id = request.parameters["member_id"]
    found = conference_of(request).members.get(member_id)
    if found is None:
        raise RestRejection("conference-member-not-found", member_id)
    return found


def _shown(member: Member) -> dict[str, Any]:
    removed = member.removed
    return {
        "id": member.id,
        "state": member.state,
        "mute": member.mute,
        "hold": member.hold,
        "joinTone": member.join_tone,
        "leavingTone": member.leaving_tone,
        "addedTime": iso(member.added),
        "removedTime": None if removed is None else iso(member.call.carrier.moment(removed)),
        "call": member.call.uri,
    }


_MEMBERS = "/users/{user_id}/conferences/{conference_id}/members"

OPERATIONS: Operations = {
    _MEMBERS: {"GET": list_members, "POST": create_member},
    f"{_MEMBERS}/{{member_id}}": {"GET": get_member, "POST": update_member},
    f"{_MEMBERS}/{{member_id}}/audio": {"POST": play},
}
