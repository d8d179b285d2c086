import pytest

from gateway.adapters.rules.classifier import RuleClassifier


@pytest.mark.parametrize(
    "text",
    [
        "Hi",
        "hello there!",
        "Hi! How are you today?",
        "Good morning",
        "thanks a lot for your help",
        "Thank you so much!",
        "bye, see you later",
        "What is your name?",
        "how old are you",
        "are you a real person or a bot",
        "who made you?",
        "Tell me a joke",
        "What's the meaning of life?",
        "do you have any pets",
        "what are your hobbies?",
        "ok great, thanks",
        "Danke schön",
        "Bonjour",
        "What can you help me with?",
    ],
)
async def test_small_talk_is_chit_chat(text: str) -> None:
    label = await RuleClassifier().classify(text)
    assert label is not None
    assert label.name == "chitchat"


@pytest.mark.parametrize(
    "text",
    [
        "How long do customers have to ask for a refund?",
        "Hello, what is the goodwill limit?",
        "Thanks! And how large is the payroll budget?",
        "What is the name of our bank?",
        "How old must customers be to open an account?",
        "Who made the refund policy?",
        "hello world in python",
        "What is the purpose of form 17?",
        "Do you have pets insurance?",
        "Can you help me with my invoice",
        "What is the meaning of APR?",
        "Where is the office?",
        "hi " * 100,
    ],
)
async def test_a_question_is_never_chit_chat(text: str) -> None:
    label = await RuleClassifier().classify(text)
    assert label is not None
    assert label.name == "knowledge"


async def test_a_text_without_words_has_no_label() -> None:
    assert await RuleClassifier().classify(" ?! ") is None
