"""The conferences resource: calls that all hear each other, and the members that they are."""

from typing import Any

from callbackkit.carrier.server.replies import created, resource
from callbackkit.v1.carrier import rooms
from callbackkit.v1.carrier.defaults import MAX_CONFERENCE
from callbackkit.v1.carrier.rooms import Conference, Member
from callbackkit.v1.carrier.server.arguments import read
from callbackkit.v1.carrier.server.callback_settings import callbacks_of, shown_callbacks
from callbackkit.v1.carrier.server.own_numbers import check_sender
from callbackkit.v1.carrier.server.paging import listed
from callbackkit.v1.carrier.server.rejections import RestRejection, find
from callbackkit.v1.carrier.server.request import Reply, Request, serves
from callbackkit.v1.carrier.server.resources.call_updates import check_steerable
from callbackkit.v1.resources import conferences as api


@serves(api.CREATE)
def create_conference(request: Request) -> Reply:
    """Create a conference, without members (methods/conferences/postConferences)."""
    carrier = request.carrier
    check_sender(carrier, request.json(), "methods/conferences/postConferences")
    args = read(request, api.NewConference)
    conference = Conference(
        carrier,
        args["from_"],
        callbacks_of(args),
        profile=args.get("profile") or "interpret_digits",
        tag=args.get("tag"),
    )
    conference.begin()
    return created(conference.uri)


@serves(api.GET)
def get_conference(request: Request) -> dict[str, Any]:
    """Reply with a conference (methods/conferences/getConferencesConferenceId)."""
    return _shown(conference_of(request))


@serves(api.UPDATE)
def update_conference(request: Request) -> None:
    """Change or end a conference (methods/conferences/postConferencesConferenceId)."""
    conference = open_conference(request)
    args = read(request, api.ConferenceChange)
    conference.callbacks = callbacks_of(args, conference.callbacks)
    # No page has an event for a hold or a mute of a whole conference.
    for name in ("tag", "hold", "mute"):
        setattr(conference, name, args.get(name, getattr(conference, name)))
    if "state" in args:
        conference.complete()


def conference_of(request: Request) -> Conference:
    """Return the conference that the path names. Raises RestRejection."""
    conference_id = request.parameters["conference_id"]
    return find(request.carrier.conferences, conference_id, "conference-not-found")


def open_conference(request: Request) -> Conference:
    """Return the same, if it has not been completed."""
    conference = conference_of(request)
    if conference.state == "completed":
        raise RestRejection("conference-error", conference.id, conference.state)
    return conference


def _shown(conference: Conference) -> dict[str, Any]:
    completed = conference.completed_at
    return resource(
        api.Conference,
        conference,
        created_time=conference.created,
        completed_time=None if completed is None else conference.carrier.moment(completed),
        active_members=sum(1 for _ in conference.active()),
        **shown_callbacks(conference.callbacks),
    )


# Members


@serves(api.LIST_MEMBERS)
def list_members(request: Request) -> Reply:
    """Reply with all members, past ones too
    (methods/conferences/getConferencesConferenceIdMembers)."""
    return listed(request, map(_shown_member, conference_of(request).members.values()))


@serves(api.CREATE_MEMBER)
def create_member(request: Request) -> Reply:
    """Put a call into a conference (methods/conferences/postConferencesConferenceIdMembers)."""
    conference = open_conference(request)
    args = read(request, api.NewMember)
    call = find(request.carrier.calls, args["call_id"], "call-id-not-found", "callId")
    if call.conference_id != conference.id:
        raise RestRejection("invalid-call-conference-id", conference.id)
    check_steerable(call)
    if rooms.member_of(call) is not None:
        # A call that is in it already: no page has a code for that.
        raise RestRejection("call-invalid-state", call.id, call.status)
    if sum(1 for _ in conference.active()) >= MAX_CONFERENCE:
        raise RestRejection("conference-max-members", conference.id)
    member = Member(
        conference,
        call,
        join_tone=args.get("join_tone") or False,
        leaving_tone=args.get("leaving_tone") or False,
        mute=args.get("mute") or False,
        hold=args.get("hold") or False,
    )
    return created(member.uri)


@serves(api.GET_MEMBER)
def get_member(request: Request) -> dict[str, Any]:
    """Reply with a member (methods/conferences/getConferencesConferenceIdMembersMemberId)."""
    return _shown_member(member_of(request))


@serves(api.UPDATE_MEMBER)
def update_member(request: Request) -> None:
    """Mute a member, put it on hold, or take it out
    (methods/conferences/postConferencesConferenceIdMembersMemberId)."""
    member = member_of(request)
    args = read(request, api.MemberChange)
    if member.state == "completed":
        if "state" in args:
            return None  # it is what it is to be
        raise RestRejection("call-unavailable", member.id)
    before = (member.mute, member.hold)
    for name, value in args.items():
        if name != "state":
            setattr(member, name, value)
    if "state" in args:
        member.leave()
    elif (member.mute, member.hold) != before:
        member.notify()


def member_of(request: Request) -> Member:
    """Return the member that the path names. Raises RestRejection."""
    members = conference_of(request).members
    return find(members, request.parameters["member_id"], "conference-member-not-found")


def _shown_member(member: Member) -> dict[str, Any]:
    removed = member.removed
    return resource(
        api.ConferenceMember,
        member,
        added_time=member.added,
        removed_time=None if removed is None else member.call.carrier.moment(removed),
        call=member.call.uri,
    )
