"""The words of small talk, by kind."""

from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LIGHT = _words(
    "a an the to for of with so very much really just please and but or in on at by "
    "from all again now then there here today tonight later soon my your you u ya ur "
    "me i us we it its it's that that's this these is are was were be been being am "
    "i'm im have has had got do did you're you've i've friend buddy pal dude man mate "
    "bro sir ai bot assistant robot everyone folks oh um uh well ok okay hey too as "
    "not any one some lot ton bunch million everything help helping helped helpful "
    "answer answers advice assistance support time day week morning afternoon evening "
    "night"
)
"""Words that go with greetings, thanks and farewells."""

_ASKING = _words(
    "what what's whats what're which who who's whos whom whose where where's when how "
    "how's why can could would will should may might must do does did don't is are am "
    "was were be been being have has had if whether or and the a an to of in on for "
    "with about at by as from so just please tell let give share say said know knows "
    "hear ask asking want wanna need needing like love wish curious wondering wonder "
    "i i'd i'm i've me my we us you you'd you've you're youre your ur u ya ai ais bot "
    "assistant this that it it's there any some kind kinds type types sort sorts "
    "thing things exactly actually really currently now right again then oh hey hi "
    "hello well ok some all other else think believe consider s re d ve please mind "
    "able possible more most ever even also question information out up into they "
    "people not yes no"
)
"""Words that questions are made of and that say nothing about their subject."""

YOU = _words("you your you're youre you've u ur ya ai yourself you'd yours bot")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of small talk: one of ``cues`` must stand there, and every word must be one of the
    cues, of ``around`` or of ``more``. ``to_you``: it must be about the one who answers."""

    cues: frozenset[str]
    around: frozenset[str]
    more: frozenset[str] = frozenset()
    to_you: bool = False
    life: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(
        _words(
            "hi hello hey hiya howdy hola bonjour hallo ciao greetings salutations yo sup "
            "wassup aloha moin servus salut morning evening afternoon welcome namaste"
        ),
        _LIGHT,
        _words(
            "good guten tag abend buenos dias nice meet see pleased how doing going up new "
            "what's whats"
        ),
    ),
    Kind(
        _words(
            "how how's hows doing going feeling "
            "things been everything up happening life hanging new whats what's"
        ),
        _words(
            "how how's hows are is you u ya your it it's do does did have has been so today "
            "this fine hey hi hello there the ai with week day morning evening life ok okay "
            "well good tell me i want to know what if feel days these lately"
        ),
        _words("doin siri"),
        to_you=True,
    ),
    Kind(
        _words(
            "bye goodbye byebye farewell fairwell cya ciao adios later laters tschuss "
            "goodnight night ttyl toodles cheerio sayonara see talk talking chatting speaking "
            "chat leaving peace"
        ),
        _LIGHT,
        _words(
            "good great nice fun glad pleasure lovely happy enjoyed next until till time "
            "around catch speak go leave off out our take care say conversation revoir auf "
            "wiedersehen au tomorrow wonderful rest enjoy gotta need alligator must meeting "
            "seeing hearing hear meet enjoyable i'll we'll"
        ),
    ),
    Kind(
        _words(
            "thanks thank thankyou thx thnx ty tysm cheers gracias merci danke grazie "
            "obrigado obrigada arigato appreciate appreciated appreciation grateful thankful"
        ),
        _LIGHT,
        _words(
            "many special great big thousand kind kindly quick reply response info "
            "information beaucoup mille vielmals sehr schon good awesome wonderful perfect "
            "nice excellent efforts effort work job doing giving providing cooperation "
            "service deeply truly greatly how what bye cool ever finding"
        ),
    ),
    Kind(
        _words(
            "great perfect awesome excellent wonderful amazing cool nice fantastic brilliant "
            "lovely sweet funny hilarious neat super best job well"
        ),
        _words(
            "that that's is was it it's you you're are were very so really a the good job "
            "done work one quite this of thanks big help helpful smart clever how super "
            "extremely your answer very nicely friend wow oh"
        ),
    ),
    Kind(
        _words(
            "ok okay okey k kk alright sure yes yeah yep yup no nope nah fine gotcha "
            "understood lol haha hahaha hehe hmm wow true right sorry oops agreed indeed "
            "maybe perhaps ja nein oui non klar nevermind cool"
        ),
        _words(
            "ok okay then thanks thank you sure great good yes no got it i see oh my well so "
            "that's it's is that"
        ),
    ),
    Kind(
        _words("name named nickname called call refer names address title"),
        _ASKING,
        _words(
            "go goes given full real first use prefer calling them called yourself identify "
            "provide speaking talking"
        ),
        to_you=True,
    ),
    Kind(
        _words("old age young birthday birthdate birth born"),
        _ASKING,
        _words(
            "date day year years months month days range current today birth were long alive "
            "around existed created made first when's given old's time place location place's "
            "city country state town originally raised did mom specific what'll"
        ),
        to_you=True,
    ),
    Kind(
        _words(
            "human bot robot real person machine computer alive sentient artificial chatbot "
            "fake android cyborg humanoid"
        ),
        _ASKING,
        _words(
            "live living actual talking speaking chatting secretly or program programmed "
            "generated voice being intelligence conscious anything something call yourself "
            "truth made truly life"
        ),
        to_you=True,
    ),
    Kind(
        _words(
            "made created built designed programmed invented developed coded constructed "
            "assembled creator creater maker designer developer programmer inventor boss "
            "employer owner master manufactured produced compiled engineered employed author "
            "brought makers creators fabricated"
        ),
        _ASKING,
        _words(
            "company person people firm organization business someone somebody anyone name "
            "names originally first responsible behind existence life human come came orders "
            "take work works working guy individual"
        ),
        to_you=True,
    ),
    Kind(
        _words("work working works"),
        _words(
            "who whom who's which what for do you u are does someone somebody anyone else "
            "another person people company business organization i want to know tell me can "
            "may would like is it the that name say individual ai boss entity by or "
            "association human other your it's am there whose"
        ),
        to_you=True,
    ),
    Kind(
        _words(
            "from origin originate originally hail hometown birthplace homeland nationality "
            "live reside"
        ),
        _ASKING - _words("up out"),
        _words(
            "place country city state town planet location area region come came home born "
            "call point part world birth originated based us usa europe america specific "
            "geographical located hails"
        ),
        to_you=True,
    ),
    Kind(
        _words("hobby hobbies pastime pastimes fun bored leisure spare"),
        _ASKING,
        _words(
            "enjoy enjoys free time doing activities interests off day days after besides "
            "when working work favorite favourite stuff partake participate engage best extra "
            "example examples give your pass relax"
        ),
        to_you=True,
    ),
    Kind(
        _words("pet pets dog dogs cat cats animal animals"),
        _ASKING,
        _words(
            "own owner home house keep take care names name many different at person prefer "
            "pick between live living type's posses possess currently imagine favorite "
            "friendly having"
        ),
        to_you=True,
    ),
    Kind(
        _words(
            "joke jokes laugh giggle pun puns funny funniest humor humorous hilarious chuckle smile"
        ),
        _ASKING,
        _words(
            "make making makes good best great another one new short silly dirty knock "
            "something anything somthing stuff me hit crack heard try topic today that'll "
            "favorite bad dad corny time lawyer lawyers animals chicken blonde doctor doctors "
            "dog dogs cat cats kids food involving regarding related some"
        ),
    ),
    Kind(
        _words("meaning purpose point reason existence exist"),
        _ASKING,
        _words(
            "life living alive our humans human humanity here earth whole true ultimate "
            "higher calling interpretation behind all everything being world exist existence "
            "there's told answer find why true universe man's"
        ),
        life=True,
    ),
    Kind(
        _words(
            "ask help answer capable assist familiar capabilities abilities knowledgeable "
            "topics subjects"
        ),
        _words(
            "what what's whats which kinds kind types type sort sorts of things thing stuff "
            "questions question topics topic subjects subject areas categories can could may "
            "do does are is you u i me with about your the to know tell able would like want "
            "let should and on in able here for ask asking answering answered doing ai a good "
            "else all any please how in different other range some that might be will also "
            "i'd someone"
        ),
        to_you=True,
    ),
)
LIFE = _words(
    "life living alive existence exist humans human earth here everything universe humanity"
)
