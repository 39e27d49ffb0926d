"""A round trip by tincan (PyPI): python3 tincan_client.py ENDPOINT KEY SECRET

What the library cannot do is left out, or done with its own requests: it sends attachments by their `fileUrl` only, sends documents
only if they are text, reads no ETag, sends no If-None-Match, which a new profile needs in 1.0.3, and its `about()` raises at a server that speaks 2.0 too. It
stores a state twice in one call, which does no harm.
"""

import json
import sys
import uuid

from tincan import (
    Activity, ActivityDefinition, ActivityList, Agent, AgentAccount, Attachment, AttachmentList, Context, ContextActivities,
    Extensions, LanguageMap, RemoteLRS, Result, Score, Statement, StatementRef, Verb,
)
from tincan.documents import StateDocument
from tincan.http_request import HTTPRequest

endpoint, username, password = sys.argv[1:4]
lrs = RemoteLRS(endpoint=endpoint, version="1.0.3", username=username, password=password)
ann = Agent(name="Ann", account=AgentAccount(home_page="https://example.com", name="ann"))
bob = Agent(mbox="mailto:bob@example.com")
activity = Activity(
    id="https://example.com/activities/1",
    definition=ActivityDefinition(name=LanguageMap({"en": "One"}), type="https://example.com/types/unit"),
)
registration = str(uuid.uuid4())


def verb(name):
    return Verb(id=f"https://example.com/verbs/{name}", display=LanguageMap({"en": name}))


def done(response):
    assert response.success, (response.response.status, response.data)
    return response.content


about = lrs._send_request(HTTPRequest(method="GET", resource="about"))
assert json.loads(about.data)["version"] == ["1.0.3", "2.0.0"], about.data

# Statements: one by PUT, one by POST, several at once.
sent = Statement(
    id=str(uuid.uuid4()),
    actor=ann,
    verb=verb("answered"),
    object=activity,
    result=Result(
        score=Score(scaled=0.95, raw=9.5, min=0, max=10), success=True, duration="PT1M30.25S", response="a",
        extensions=Extensions({"https://example.com/x": {"deep": [1, None]}}),
    ),
    context=Context(
        registration=registration,
        instructor=bob,
        context_activities=ContextActivities(grouping=ActivityList([Activity(id="https://example.com/activities/all")])),
    ),
    timestamp="2026-01-15T09:30:00.123Z",
    attachments=AttachmentList([Attachment(
        usage_type="https://example.com/usage", display=LanguageMap({"en": "A file"}), content_type="text/plain", length=27,
        sha2="495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a", fileurl="https://example.com/file.txt",
    )]),
)
done(lrs.save_statement(sent))
one = done(lrs.save_statement(Statement(actor=ann, verb=verb("began"), object=activity)))
several = [Statement(actor=ann, verb=verb("read"), object=activity) for _ in range(4)]
done(lrs.save_statements(several))

back = done(lrs.retrieve_statement(sent.id))
assert back.actor.account.name == "ann" and back.verb.id == "https://example.com/verbs/answered"
assert back.result.score.scaled == 0.95 and back.result.duration.total_seconds() == 90.25
assert back.context.registration == uuid.UUID(registration) and back.context.instructor.mbox == bob.mbox
assert back.timestamp == sent.timestamp and back.stored is not None and back.authority is not None
assert back.attachments[0].sha2 == sent.attachments[0].sha2

# Queries, and `more` to the end, both ways.
def followed(query):
    page = done(lrs.query_statements(query))
    found = list(page.statements)
    while page.more:
        page = done(lrs.more_statements(page))
        found.extend(page.statements)
    return [str(statement.id) for statement in found]


everything = [str(statement.id) for statement in [sent, one, *several]]
assert followed({"agent": ann, "limit": 2, "ascending": "true"}) == everything
assert followed({"agent": ann, "limit": 4}) == everything[::-1]
assert followed({"verb": verb("read"), "activity": activity, "format": "ids"}) == everything[:1:-1]
assert followed({"registration": registration}) == [str(sent.id)]
assert followed({"agent": bob}) == []
assert followed({"agent": bob, "related_agents": "true"}) == [str(sent.id)]
whole = Activity(id="https://example.com/activities/all")
assert followed({"activity": whole, "related_activities": "true"}) == [str(sent.id)]
assert followed({"since": back.stored.isoformat(), "limit": 1, "ascending": "true"})[:1] == [str(one.id)]

# A statement is voided.
void = Verb(id="http://adlnet.gov/expapi/verbs/voided", display=LanguageMap({"en": "voided"}))
done(lrs.save_statement(Statement(actor=bob, verb=void, object=StatementRef(id=one.id))))
assert lrs.retrieve_statement(one.id).response.status == 404
assert done(lrs.retrieve_voided_statement(one.id)).verb.id == "https://example.com/verbs/began"
refused = lrs.save_statement(Statement(id=sent.id, actor=bob, verb=verb("denied"), object=activity))
assert not refused.success and refused.response.status == 409

# State: kept, listed, changed, removed.
where = {"activity": activity, "agent": ann}
done(lrs.save_state(StateDocument(id="bookmark", content='{"page": 7}', content_type="application/json", **where)))
kept = done(lrs.retrieve_state(state_id="bookmark", **where))
assert json.loads(kept.content) == {"page": 7}
assert done(lrs.retrieve_state_ids(**where)) == ["bookmark"]
done(lrs.save_state(StateDocument(id="raw", content="a\tb\r\n", content_type="application/octet-stream", **where)))
assert done(lrs.retrieve_state(state_id="raw", **where)).content == b"a\tb\r\n"
assert lrs.delete_state(kept).success
assert done(lrs.retrieve_state_ids(**where)) == ["raw"]
assert lrs.clear_state(**where).success
assert done(lrs.retrieve_state_ids(**where)) == []

# Profiles: written by the library's requests with the condition that it does not know, read by the library.
def put(resource, parameters):
    request = HTTPRequest(method="PUT", resource=resource, content=b'{"a": 1}', query_params=parameters)
    request.headers.update({"Content-Type": "application/json", "If-None-Match": "*"})
    response = lrs._send_request(request)
    assert response.success, response.data
    again = lrs._send_request(request)
    assert again.response.status == 412, again.data


put("activities/profile", {"activityId": activity.id, "profileId": "notes"})
put("agents/profile", {"agent": ann.to_json("1.0.3"), "profileId": "likes"})
assert done(lrs.retrieve_activity_profile_ids(activity)) == ["notes"]
held = done(lrs.retrieve_activity_profile(activity, "notes"))
assert json.loads(held.content) == {"a": 1}
assert done(lrs.retrieve_agent_profile_ids(ann)) == ["likes"]
liked = done(lrs.retrieve_agent_profile(ann, "likes"))
assert json.loads(liked.content) == {"a": 1}
assert lrs.delete_activity_profile(held).success and lrs.delete_agent_profile(liked).success
assert done(lrs.retrieve_activity_profile_ids(activity)) == []
