from gateway.core.segments import Origin
from gateway.testing.exchanges import make_exchange


def test_a_text_is_one_user_message() -> None:
    (segment,) = make_exchange("Hello.").segments()
    assert (segment.text, segment.origin) == ("Hello.", Origin.USER)


def test_a_conversation_further_fields_and_the_caller_arrive() -> None:
    ex = make_exchange(
        messages=[{"role": "system", "content": "a"}, {"role": "user", "content": "b"}],
        body={"n": 2},
        stream=True,
        roles=["support"],
        tenant="acme",
        model="m",
    )
    assert [s.origin for s in ex.segments()] == [Origin.SYSTEM, Origin.USER]
    assert (ex.body["n"], ex.body["stream"], ex.body["model"]) == (2, True, "m")
    assert ex.principal is not None
    assert (ex.principal.tenant, ex.principal.roles) == ("acme", frozenset({"support"}))
