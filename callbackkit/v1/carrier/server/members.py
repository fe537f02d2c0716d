"""The members of a conference: calls that were created for it."""

from typing import Any

from starlette.responses import Response

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier import audio
from callbackkit.v1.carrier.defaults import MAX_CONFERENCE
from callbackkit.v1.carrier.rooms import Member, member_of
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.call_updates import check_steerable
from callbackkit.v1.carrier.server.conferences import conference_of, open_conference
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.prompts import Stop, audio_of
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Request, serves
from callbackkit.v1.resources import conferences as api


@serves(api.LIST_MEMBERS)
def list_members(request: Request) -> Response:
    """Reply with all members, past ones too
    (methods/conferences/getConferencesConferenceIdMembers)."""
    return listed(request, map(_shown, conference_of(request).members.values()))


@serves(api.CREATE_MEMBER)
def create_member(request: Request) -> Response:
    """Put a call into a conference (methods/conferences/postConferencesConferenceIdMembers)."""
    conference = open_conference(request)
    given = read(request, api.NewMember)
    call = find(request.carrier.calls, given["call_id"], "call-id-not-found", "callId")
    if call.conference_id != conference.id:
        raise RestRejection("invalid-call-conference-id", conference.id)
    check_steerable(call)
    if member_of(call) is not None:
        # A call that is in it already: no page has a code for that.
        raise RestRejection("call-invalid-state", call.id, call.status)
    if sum(1 for _ in conference.active()) >= MAX_CONFERENCE:
        raise RestRejection("conference-max-members", conference.id)
    member = Member(
        conference,
        call,
        join_tone=given.get("join_tone") or False,
        leaving_tone=given.get("leaving_tone") or False,
        mute=given.get("mute") or False,
        hold=given.get("hold") or False,
    )
    return created(member.uri)


@serves(api.GET_MEMBER)
def get_member(request: Request) -> dict[str, Any]:
    """Reply with a member (methods/conferences/getConferencesConferenceIdMembersMemberId)."""
    return _shown(_member_of(request))


@serves(api.UPDATE_MEMBER)
def update_member(request: Request) -> None:
    """Mute a member, put it on hold, or take it out
    (methods/conferences/postConferencesConferenceIdMembersMemberId)."""
    member = _member_of(request)
    given = read(request, api.MemberChange)
    if member.state == "completed":
        if "state" in given:
            return None  # it is what it is to be
        raise RestRejection("call-unavailable", member.id)
    before = (member.mute, member.hold)
    for name, value in given.items():
        if name != "state":
            setattr(member, name, value)
    if "state" in given:
        member.leave()
    elif (member.mute, member.hold) != before:
        member.notify()


@serves(*api.MEMBER_AUDIO)
def play(request: Request) -> None:
    """Play a file or say a sentence to one member, or stop; the events are those of its call
    (methods/conferences/postConferencesConferenceIdMembersMemberIdAudio)."""
    member = _member_of(request)
    wanted = audio_of(request)
    if member.state == "completed":
        raise RestRejection("call-unavailable", member.id)
    check_steerable(member.call)
    if not isinstance(wanted, Stop):
        audio.play_to_call(member.call, wanted)
    elif not audio.stop(member.call, wanted.kind):
        raise RestRejection("call-audio-invalid-state", member.call.id)


def _member_of(request: Request) -> Member:
    members = conference_of(request).members
    return find(members, request.parameters["member_id"], "conference-member-not-found")


def _shown(member: Member) -> dict[str, Any]:
    removed = member.removed
    return resource(
        api.ConferenceMember,
        member,
        added_time=member.added,
        removed_time=None if removed is None else member.call.carrier.moment(removed),
        call=member.call.uri,
    )
