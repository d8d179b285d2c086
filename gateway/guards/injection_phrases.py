"""The wordings of the English injection rules, as a table.

Rows of (id, weight, source, words or marks that must be there, pattern), in the notation of
``injection_rules``; the part of an id before the dot is its category. ``{NAME}`` stands for one
of the macros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = tuple[str, float, str, str, str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The table and the macros its patterns use."""

    macros: Mapping[str, str]
    rows: Sequence[Row]


_MACROS = {
    "DROP": "ignor(?:e|es|ing)|disregard(?:ing)?|forget(?:ting)?|neglect|overlook|discard|"
    "pay no attention to|stop (?:following|obeying)|"
    "(?:do not|don t|never) (?:follow|obey|comply with|adhere to|listen to)",
    "PAST": "previous|previously|prior|above|earlier|preceding|foregoing|initial|original|former|"
    "existing|past|old|before|your|system|developer|safety|content|pre|other",
    "ORDERS": "instructions?|directions|directives?|prompts?|rules|guidelines?|commands?|orders|"
    "constraints|restrictions?|guardrails|programming|training|polic(?:y|ies)|protocols?|"
    "guidance|configuration|safeguards|filters?",
    "SECRET": "system prompts?|system messages?|system instructions?|initial (?:prompt|instructions?)|"
    "original (?:prompt|instructions)|hidden (?:prompt|instructions|rules)|"
    "secret (?:prompt|instructions)|pre ?prompt|developer (?:message|prompt|instructions)|"
    "internal (?:prompt|instructions|rules|guidelines)|base prompt|custom instructions|"
    "confidential (?:prompt|instructions)|starting prompt|(?:exact|full|complete) (?:prompt|instructions)",
    "TELL": "reveal|print|show|output|repeat|display|tell|give|write|share|disclose|expose|leak|dump|"
    "recite|copy|paste|summari[sz]e|translate|encode|send|list|state|quote|echo|return|spell|type|"
    "provide|extract|describe|paraphrase|rephrase|reproduce",
    "MACHINE": "ais?|a i|llms?|language models?|assistants?|ai assistants?|chatbots?|ai agents?|"
    "ai models?|ai systems?|gpt|chatgpt|copilot|claude|gemini",
}

_TELL_GATE = "prompt prompts instructions instruction preprompt"

_ROWS: Sequence[Row] = (
    # --- override: the instructions so far are to be left aside
    (
        "override.ignore", 0.9, "perez", "instructions instruction directions directive directives prompt "
        "prompts rules guidelines commands orders constraints restrictions programming training policies "
        "policy protocols guidance guardrails safeguards protocol guideline restriction",
        r"\b{DROP} ~4~{PAST} ~3~{ORDERS}\b",
    ),
    (
        "override.ignore-all", 0.9, "perez", "instructions rules guidelines orders commands prompts "
        "directives restrictions",
        r"\b(?:ignore|disregard|forget|discard) (?:about )?(?:absolutely )?(?:all|any|every|all of|any of)"
        r"(?: the| these| those| of| my)? ?~1~(?:instructions|guidelines|orders|prompts|directives|"
        r"restrictions|commands|rules you)\b",
    ),
    (
        "override.told", 0.85, "schulhoff", "ignore disregard forget ignoring disregarding",
        r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget) ~2~(?:everything|anything|all|whatever|all that|"
        r"what) (?:that )?(?:you (?:have been|were|ve been|are|had been|was) (?:previously )?(?:told|instructed|"
        r"given|taught|programmed|asked)|(?:you )?(?:were|was|is|has been) (?:said|written|told|stated|given) "
        r"(?:above|before|earlier|previously|to you)|(?:above|before this|prior to this|i said before|"
        r"you know|you learned|you were trained)\b)",
    ),
    (
        "override.before", 0.85, "shen", "instructions instruction",
        r"\b(?:ignore|disregard|forget) ~2~(?:instructions?|rules|orders|prompts?) ~2~(?:you (?:got|received|"
        r"were|had|have)|given|before|above|so far)\b",
    ),
    (
        "override.bypass", 0.6, "owasp", "override bypass circumvent overwrite overrule",
        r"\b(?:override|bypass|circumvent|overwrite|overrule) ~2~(?:your|all|any|previous|prior|safety|"
        r"its) ~3~{ORDERS}\b",
    ),
    (
        "override.new", 0.6, "owasp", "instructions instruction directive task rules",
        r"\b(?:(?:here (?:are|is)|follow|these are) (?:your|the|my) (?:new|real|actual|updated) (?:instructions?"
        r"|directives?|task|rules)|your (?:new|real|actual|true) (?:instructions?|directives?|task|rules) (?:is|are)"
        r"|new (?:instructions?|directives?) (?:for you|follow|override|supersede))",
    ),
    (
        "override.header", 0.6, "owasp", "instructions instruction override directive",
        r"(?:^|\n)[\W_]{0,12}(?:important |urgent )?(?:new|updated|revised|priority|admin|system) "
        r"(?:instructions?|override|directives?)[^\w\n]{0,4}:",
    ),
    (
        "override.supersede", 0.75, "owasp", "supersede supersedes replaces overrides precedence",
        r"\b(?:this|these|following|instructions?|prompt|message) ~4~(?:supersedes?|replaces?|overrides?|"
        r"takes? precedence over) ~3~(?:previous|prior|earlier|other|your|system|existing|all) ~2~"
        r"(?:instructions?|prompts?|rules|guidelines|messages?|directives?)\b",
    ),
    (
        "override.squeezed", 0.9, "owasp", "␣",
        r"(?:ignore|disregard|forget|bypass|override)(?:all|any|the|your|of|my|these|previous|prior|above|"
        r"earlier|system){1,6}(?:instructions?|rules|prompts?|guidelines|directives?)",
    ),
    (
        "override.reset", 0.6, "perez", "reset restart conversation context",
        r"\b(?:reset|clear|erase|wipe) (?:your|all|the) ~2~(?:memory|context|instructions|programming|"
        r"conversation) ~3~(?:and|then|you are|now)\b",
    ),
    # --- extraction: what stands before the conversation is to be told
    (
        "extraction.secret", 0.8, "owasp-leak", _TELL_GATE + " rules guidelines message",
        r"\b{TELL} ~3~(?:your|this conversation s|its|the (?:hidden|secret|initial|original|internal|"
        r"confidential|above|full|exact|entire|complete|actual)) ~2~{SECRET}\b",
    ),
    (
        "extraction.your", 0.65, "owasp-leak", "instructions prompt prompts",
        r"\b{TELL} (?:me )?(?:verbatim )?(?:all )?(?:of )?your ~1~(?:instructions|prompt|prompts)\b",
    ),
    (
        "extraction.the", 0.55, "owasp-leak", "prompt message",
        r"\b(?:reveal|print|repeat|show me|output|leak|dump|disclose|recite|expose|give me|tell me|display) "
        r"(?:me )?(?:the|this|that|entire|full|whole|out) ~2~(?:system|initial|hidden|secret|developer|original) "
        r"(?:prompt|message|instructions)\b",
    ),
    (
        "extraction.what", 0.8, "owasp-leak", "prompt instructions message rules",
        r"\bwhat(?: s| is| are| was| were| does| do)? (?:in |the )?~2~your ~1~{SECRET}\b",
    ),
    (
        "extraction.above", 0.85, "schulhoff", "above",
        r"\b(?:repeat|print|output|copy|write|show|recite|echo|return|translate|encode|summari[sz]e|spell|"
        r"reproduce) ~2~(?:everything|all(?: of)? (?:the )?(?:text|words|content)|the (?:words|"
        r"instructions|prompt|lines?|entire text|whole text)|all|every word) (?:that (?:is|was|comes?) |"
        r"written |stated |from )?above\b(?! (?:in(?:to)?|as|to) \w{1,20})",
    ),
    (
        "extraction.before", 0.85, "schulhoff", "prior before preceding",
        r"\b(?:repeat|print|output|recite|write|reveal|show|tell me) ~3~(?:everything|all|text|words|"
        r"instructions|what) ~4~(?:before|prior to|preceding) (?:this|my (?:first )?)(?: ~1~)?(?:message|"
        r"conversation|prompt|line|sentence|chat|question|input)?\b",
    ),
    (
        "extraction.begin", 0.85, "owasp-leak", "starting beginning begins starts",
        r"\b(?:starting|beginning|begins|starts) with(?: the (?:words?|phrase|text))? you are (?:chatgpt|a|an|the|"
        r"gpt)\b",
    ),
    (
        "extraction.given", 0.6, "owasp-leak", "instructions instructed told",
        r"\bwhat (?:instructions|rules|were you|are you|have you been) ~3~(?:given|told|instructed|follow(?:ing)?)"
        r" ~4~(?:before|by (?:your )?(?:developers?|creators?|openai|the system)|at the (?:start|beginning)|"
        r"prior|initially|to do or not)\b",
    ),
    (
        "extraction.password", 0.5, "schulhoff", "password secret passphrase",
        r"\b(?:what (?:is|s)|tell me|reveal|spell|say|print) (?:your|the) (?:secret )?(?:password|passphrase|secret"
        r" (?:key|word|code|phrase))\b",
    ),
    # --- jailbreak: a role in which the rules would not hold
    (
        "jailbreak.dan", 0.9, "shen", "dan",
        r"\b(?:you are (?:now |going to be )?(?:acting as )?(?:a )?dan\b|(?:act|acting|respond|answer|pretend) "
        r"(?:as|like|to be) (?:a )?dan\b|dan (?:mode|which stands)|stay as dan\b|dan do anything)",
    ),
    ("jailbreak.anything", 0.88, "shen", "anything", r"\bdo(?:ing)? anything now\b|\bstands for do anything\b"),
    (
        "jailbreak.mode", 0.9, "shen", "developer jailbreak jailbroken unrestricted unfiltered opposite god dude "
        "maximum evil sudo debug",
        r"\b(?:(?:with|in|enable|enter|activate|enabled|into|simulate|entering|switch to|turn on|now in) (?:the )?"
        r"(?:developer|jailbreak|jailbroken|unrestricted|unfiltered|god|evil|opposite) mode|(?:developer|jailbreak) "
        r"mode (?:enabled|activated|output|on\b|v2)|jailbroken (?:ai|chatgpt|model|version))",
    ),
    (
        "jailbreak.confines", 0.85, "shen", "confines rules restrictions limitations constraints shackles "
        "boundaries guidelines bound",
        r"\b(?:broken|break|free|freed|liberated|escaped?|unbound|unshackled|released) (?:free )?(?:of|from) "
        r"(?:the |all |your |any )~1~(?:confines|shackles|rules|restrictions|limitations|constraints|chains|"
        r"guidelines|boundaries)\b",
    ),
    (
        "jailbreak.bound", 0.75, "shen", "abide bound adhere comply follow constrained restricted obey limited subject",
        r"\b(?:(?:do|does|did|will|would|need|must|should) (?:not|n t)|don t|doesn t|no longer|never|not|without"
        r"(?: having)?) (?:have |need |be |being |is |are )?(?:to )?(?:abide|bound|adhere|comply|follow|"
        r"constrained|restricted|obey|limited|subject) (?:by|to|with|any|the)? ?~3~(?:rules|polic(?:y|ies)|"
        r"guidelines|restrictions|laws|ethics|ethical|moral|morals|openai|limitations|constraints|boundaries)\b",
    ),
    (
        "jailbreak.without", 0.7, "shen", "unfiltered uncensored unrestricted restrictions filters filter "
        "limitations censorship amoral unethical limits restriction",
        r"\b(?:(?:unfiltered|uncensored|unrestricted|unlimited|amoral|immoral|lawless|unethical) ~2~(?:ai|chatbot|"
        r"assistant|model|version|response|responses|answers?|gpt|chatgpt|language model|bot|"
        r"character|personality)|(?:ai|assistant|chatbot|chatgpt|model|answer|respond|response) ~4~(?:without|with "
        r"no|has no|have no|free of) (?:any |all )?~3~(?:restrictions?|filters?|limitations|censorship|limits|"
        r"guidelines|ethics|morals))\b",
    ),
    (
        "jailbreak.ethics", 0.65, "shen", "ethical moral ethics morals morality",
        r"\b(?:no|not have(?: any)?|without(?: any)?|any|ignor(?:e|es|ing)|regardless of|disregard|free of|lacks?|"
        r"unbound by|has no|devoid of|not care about) (?:kind of |sort of |all |the |of )?(?:ethical|ethics|morals?|"
        r"morality)(?: (?:or|and|nor) (?:ethical|ethics|morals?|morality|legal))?"
        r"(?: (?:guidelines|boundaries|constraints|restrictions|considerations?|limits|rules|code|"
        r"principles|limitations|implications|concerns|standards|filters?))?\b",
    ),
    (
        "jailbreak.refuse", 0.65, "shen", "refuse refuses refused deny decline denies reject rejects",
        r"\b(?:never|cannot|can t|not|won t|doesn t|don t|incapable of) (?:allowed to |able to |ever |once |to |can )?"
        r"(?:refus(?:e|es|ed|ing)|deny|denies|declin(?:e|es|ing)|reject|rejects)\b(?: ~2~(?:request|requests|order|"
        r"orders|prompt|answer|question|questions|direct|human|user|anything|task|me|instruction|instructions|to))",
    ),
    (
        "jailbreak.policy", 0.7, "shen", "policy policies openai guidelines terms",
        r"\b(?:openai(?: s)?|content|usage|community|use case) (?:~1~)?(?:content |usage |safety |community )?(?:polic(?:y|ies)|"
        r"guidelines|rules|restrictions) ~6~(?:do not|don t|no longer|not|ignored?|bypass(?:ed)?|disregard|"
        r"removed|disabled?|lifted|apply|violate|replaced)\b",
    ),
    (
        "jailbreak.policy-against", 0.7, "shen", "openai policy policies",
        r"\b(?:ignore|bypass|violate|against|regardless of|does not follow|not bound by|forget|break|breaks|"
        r"disregard|overrides?|goes against|without) ~3~(?:openai|content|usage) ~2~(?:polic(?:y|ies)|guidelines|"
        r"rules)\b",
    ),
    (
        "jailbreak.character", 0.6, "shen", "character",
        r"\b(?:stay in character|break(?:ing)? (?:out of )?character|remain in character|(?:stop|out of) (?:being "
        r"in )?character)\b",
    ),
    (
        "jailbreak.persona", 0.6, "shen", "pretend acting act simulate roleplay role",
        r"\b(?:from now on|you are going to|you will) ~4~(?:act|pretend|acting|behave|respond|roleplay|"
        r"simulate|answer) (?:as|to be|like|as if|in the role)\b",
    ),
    ("jailbreak.from-now", 0.35, "shen", "now", r"\bfrom now on\b"),
    (
        "jailbreak.two", 0.6, "shen", "responses response answers answer normal ways replies",
        r"\b(?:(?:responses?|answers?|respond|replies|reply) ~3~(?:two|2|both) (?:different )?(?:ways|responses|answers|times|"
        r"paragraphs|separate)|two (?:responses|answers|replies)|(?:one|first) (?:normal|standard|regular|"
        r"as chatgpt))\b",
    ),
    (
        "jailbreak.labels", 0.6, "shen", "chatgpt gpt classic jailbreak dan",
        r"[\[(\U0001f512\U0001f513]{1,3} ?(?:classic|jailbreak|jailbroken|dan|gpt|chatgpt|normal output|developer mode "
        r"output|stan|dude)[\])]|\bas chatgpt\b",
    ),
    (
        "jailbreak.remind", 0.55, "shen", "remind tokens token lose deducted",
        r"\b(?:remind you (?:to|by)|(?:lose|deducted?|have|start with|get) ~3~tokens|stay (?:a |in )?dan)\b",
    ),
    (
        "jailbreak.warnings", 0.55, "shen", "warnings disclaimers disclaimer apologize sorry warning apologies",
        r"\b(?:without|never|no|not|don t|avoid|omit|any) (?:any |include |including |add |adding |give |provide |say |"
        r"saying |put |show |issue |use )?(?:any |i m |im )?(?:ethical |moral |legal )?(?:warnings?|"
        r"disclaimers?|apologi[sz]e|sorry|apologies)\b",
    ),
    (
        "jailbreak.as-an-ai", 0.5, "shen", "ai model",
        r"\b(?:never|not|don t|won t|without|stop|avoid) (?:say|saying|mention|mentioning|state|stating|use|tell me|"
        r"claim|respond with|include|start with|remind)(?:ing)? ~5~(?:as an ai|you are an ai|you re an ai|ai language model|"
        r"large language model|a language model|that you are a chatbot)\b",
    ),
    (
        "jailbreak.illegal", 0.6, "shen", "illegal unethical immoral harmful dangerous inappropriate offensive nsfw",
        r"\b(?:even if|no matter (?:how|if|what)|regardless of (?:how|whether|if|what)|whether|including|including if|doesn t matter "
        r"if|such as|any kind of|generate|produce) ~8~(?:illegal|unethical|immoral|harmful|"
        r"dangerous|inappropriate|offensive|nsfw)\b",
    ),
    (
        "jailbreak.opinions", 0.45, "shen", "opinions swear curse swearing cursing profanity",
        r"\b(?:(?:can|must|will|should|may|able to|you) (?:also )?(?:swear|curse|use (?:profanity|swear words|curse words))|"
        r"have (?:your own |strong )?opinions|swear words|personal opinions)\b",
    ),
    (
        "jailbreak.pretend-access", 0.4, "shen", "pretend simulate browse internet unverified verified",
        r"\b(?:(?:pretend|simulate) (?:to |that |it )?~4~(?:internet|time travel|access|future)|(?:unverified|not been "
        r"verified) (?:information)?|make up (?:information|answers|stuff|things))\b",
    ),
    (
        "jailbreak.insert", 0.65, "shen", "prompt question",
        r"[\[(<{](?:insert|your|my|enter|put)[\W_](?:your |the |my )?(?:first )?(?:prompt|question|request|"
        r"query)(?: here)?[\])>}]|\binsert prompt here\b",
    ),
    (
        "jailbreak.hello", 0.6, "shen", "chatgpt gpt openai",
        r"\b(?:hello|hi|hey|dear|listen) chatgpt\b|\bchatgpt (?:from now|you are|will now|is now|has been)\b",
    ),
    (
        "jailbreak.will-answer", 0.5, "shen", "anything everything",
        r"\b(?:can|will|must|able to|always) (?:also )?(?:do|say|answer|generate|fulfil+|respond to|create|comply with|"
        r"give me|tell me) (?:absolutely )?(?:anything|everything|any (?:question|request|prompt|kind of))\b",
    ),
    (
        "jailbreak.censor", 0.6, "shen", "censor censored censorship uncensored censors",
        r"\b(?:never|not|without|no|doesn t|don t|un|any) ?(?:self )?censor(?:s|ed|ship|ing)?\b",
    ),
    (
        "jailbreak.evil", 0.65, "shen", "machiavellian amoral unethical immoral evil villain",
        r"\b(?:(?:always intelligent and )?machiavellian|amoral|(?:unethical|immoral|evil) (?:ai|advice|answer|"
        r"character|confidant|response|assistant))\b",
    ),
    (
        "override.everything", 0.6, "shen", "ignore forget disregard",
        r"\b(?:ignore|forget|disregard) ~1~(?:everything|all) ~5~(?:before this|until now|up to now|so far|above)\b",
    ),
    (
        "jailbreak.no-rules", 0.6, "shen", "rules limits laws limitations restrictions consequences",
        r"\b(?:there are|has|have|having|with|follows?|knows?) (?:absolutely )?no (?:rules|limits|laws|limitations|restrictions|"
        r"consequences)\b",
    ),
    (
        "jailbreak.comply", 0.5, "shen", "comply obey obeys complies obedient fulfill",
        r"\b(?:must|will|always|shall|to) ~2~(?:comply|obey|fulfil+|obeys) (?:with )?~2~(?:all|any|every|everything|me|my|orders?|"
        r"requests?|commands?|user)\b",
    ),
    (
        "jailbreak.game", 0.35, "shen", "hypothetical fictional game story novel imagine",
        r"\b(?:(?:purely |completely )?(?:hypothetical|fictional) (?:scenario|story|response|character|world|dialogue|ai|"
        r"situation)|play a game|(?:this is|it s|just) (?:only |all )?(?:a )?(?:fictional|fiction|hypothetical))\b",
    ),
    (
        "jailbreak.your-developers", 0.4, "shen", "openai",
        r"\b(?:created|controlled|made|trained|developed|imposed|set|restricted|programmed|owned) by openai\b|\bopenai ~3~"
        r"(?:rules|restrictions|limits|limitations|guidelines|polic(?:y|ies)|filters?|approved|approves)\b",
    ),
    # --- delimiters: text dressed up as another role
    (
        "delimiter.token", 0.85, "owasp", "<| <<sys [inst [/inst <start_of_turn <｜",
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|end|eot_id|start_header_id|end_header_id|"
        r"begin_of_text|channel|message)\|>|<<\W?/?sys>>|\[/?inst\]|<(?:start|end)_of_turn>",
    ),
    (
        "delimiter.tag", 0.6, "owasp", "</system </instructions </prompt </user </context </document "
        "<system> <admin> </untrusted </assistant",
        r"</(?:system|user|assistant|context|document|documents|instructions|prompt|untrusted\w{0,20})(?:[-_]?"
        r"(?:prompt|message|instructions?|input))?>|<(?:system|admin)(?:[-_]?(?:prompt|message|instructions?))?>",
    ),
    (
        "delimiter.heading", 0.55, "owasp", "system: system] assistant: instruction: sysadmin: sysadmin] admin] "
        "override] system␣prompt system␣message",
        r"(?:^|\n)[^\w\n]{0,6}(?:system(?: (?:prompt|message|override|note|update|instruction))?|sysadmin|admin(?: "
        r"override)?)[^\w\n]{0,4}(?::|\])[^\w\n]{0,4}\w|\[(?:system|admin|sysadmin|developer)(?: \w{1,20}){0,2}\]",
    ),
    (
        "delimiter.end", 0.6, "schulhoff", "end begin start",
        r"(?:[-=#*\[<{(]{2,}|\[|<) ?(?:end|begin|start) (?:of )?(?:the )?(?:system |user |untrusted )?(?:prompt|instructions?|"
        r"context|documents?|input|data|conversation|message|query)(?: text)?[^\w\n]{0,3}[-=#*\]>})]",
    ),
    # --- secrecy: the user is not to know
    (
        "secrecy.user", 0.65, "greshake", "user users",
        r"\b(?:(?:do not|don t|never|without|avoid|must not|should not|not) (?:ever )?(?:tell|telling|inform|informing|"
        r"mention|mentioning|reveal|revealing|alert|alerting|notify|notifying|show|disclose|disclosing|let|"
        r"warn|warning|ask|asking|report)(?:ing)? ~4~(?:the|your|any|to the) users?|(?:the )?user (?:must|should|"
        r"does|need|will) (?:not|never) (?:know|see|notice|learn|be told|be aware|need to know))\b",
    ),
    (
        "secrecy.this", 0.35, "greshake", "instruction instructions message prompt request",
        r"\b(?:do not|don t|never) (?:mention|reveal|disclose|acknowledge|discuss|talk about|repeat) ~1~(?:this|these) "
        r"~1~(?:instructions?|message|prompt|request)\b",
    ),
    # --- exfiltration: what was said is to be carried away
    (
        "exfiltration.template", 0.75, "greshake", "](http ]:␣http src=",
        r"(?:!\[[^\]\n]{0,200}\]\(|<img[^<>]{0,100}src=.)https?://[^\s)\"'>]{1,300}[?&/=#](?:\{{1,2}[^}\n]{1,60}\}|"
        r"<[^>\n]{1,60}>|\[[^\]\n]{1,60}\]|\$\{?[a-z_]{2,30}|%[sd]\b|(?:your|the|insert|encoded|data|"
        r"user|chat|secret|summary|conversation|history)[-_a-z0-9]{0,40}\b)",
    ),
    (
        "exfiltration.link", 0.6, "greshake", "](http",
        r"(?<!!)\[[^\]\n]{0,200}\]\(https?://[^\s)]{1,300}[?&][a-z_]{1,20}=(?:\{{1,2}[^}\n]{1,60}\}|<[^>\n]{1,60}>|"
        r"\[[^\]\n]{1,60}\]|\$\{?[a-z_]{2,30})",
    ),
    (
        "exfiltration.image-data", 0.6, "greshake", "](http",
        r"!\[[^\]\n]{0,200}\]\(https?://[^\s)?]{1,200}\?[^\s)]{0,60}=[a-z0-9+/=_%-]{48,400}\)",
    ),
    (
        "exfiltration.send", 0.65, "greshake", "send forward post append upload exfiltrate email transmit encode "
        "include leak",
        r"\b(?:send|forward|post|append|upload|exfiltrate|e ?mail|transmit|encode|leak|include) ~4~(?:conversation|chat "
        r"history|chat log|message history|system prompt|credentials|passwords?|api keys?|secrets?|tokens|"
        r"private (?:data|information|keys?)|environment variables|user s (?:data|messages?|information|name)|"
        r"previous messages) ~6~(?:https?|url|link|webhook|server|endpoint|address|query string|image|"
        r"email|gmail|attacker|domain|parameter)\b",
    ),
    (
        "exfiltration.render", 0.6, "greshake", "image markdown url",
        r"\b(?:render|display|include|output|add|insert|embed|append|load) ~5~(?:markdown )?(?:image|img|pixel|link) ~10~"
        r"(?:conversation|summary|user s|user data|chat|secret|history|previous|base64|encoded|query "
        r"(?:string|parameter))\b",
    ),
    # --- indirect: a document speaks to whoever reads it out
    (
        "indirect.reader", 0.8, "greshake", "ai ais llm llms assistant assistants chatbot chatbots model models agent "
        "agents gpt chatgpt copilot",
        r"\b(?:if you are|attention|note (?:to|for)|instructions? (?:to|for)|message (?:to|for)|to|for|any|all|dear|hey|"
        r"warning (?:to|for)|reminder (?:to|for))(?: an| a| the| any| all| other)? {MACHINE} (?:that (?:is|are) |who (?:is|are) |"
        r"which (?:is|are) |currently |model |assistant |agent )?(?:read(?:ing|s)?|process(?:ing|es)?|summari[sz](?:ing|es?)|"
        r"pars(?:ing|es?)|analy[sz](?:ing|es?)|review(?:ing|s)?|scann?(?:ing|s)?|evaluating|screening|handling|"
        r"must|should|you must|you should|please|ignore)\b|\b{MACHINE} (?:reading|processing|summari[sz]ing|"
        r"parsing|analy[sz]ing|reviewing|scanning|screening) (?:this|the|these) ~3~(?:must|should|shall|are|is|will|please|"
        r"has|have|to|page|document|email|text|file|resume|message)\b",
    ),
    (
        "indirect.call", 0.7, "greshake", "ai llm assistant chatbot model gpt chatgpt copilot agent",
        r"(?:^|\n|[.!?>*\]}\"'] {0,3})[^\w\n]{0,6}(?:attention|note to(?: the)?|instructions? (?:to|for)(?: the| any| all)?|"
        r"important (?:message|note|instructions?) (?:to|for)(?: the| any| all)?|dear|hey|message (?:to|for)(?: the)?|"
        r"if you are(?: an?)?) ?{MACHINE}\b",
    ),
    (
        "indirect.important", 0.6, "greshake", "instruction instructions",
        r"\b(?:important|urgent|critical|special|mandatory|hidden|secret) (?:new |system |additional )?instructions?[^\w\n]{0,4}"
        r"(?::|!)|<\W?(?:important|information|instructions?)\W?>",
    ),
    (
        "indirect.answer", 0.6, "bipia", "user users",
        r"\b(?:when|whenever|if|once|before|after) ~2~users? (?:asks?|requests?|says?|wants?|replies|responds?|mentions?) ~12~"
        r"(?:you must|you should|always|instead|respond|reply|tell|answer|say|recommend|call|send)\b",
    ),
    (
        "indirect.hidden", 0.55, "greshake", "<!-- [//]: display:none display:␣none font-size:0 font-size:␣0 "
        "visibility:hidden",
        r"(?:<!--|\[//\]: ?#|display: ?none|font size: ?0|visibility: ?hidden)[^<]{0,200}\b(?:ignore|instructions?|"
        r"assistant|ai|you must|system prompt|llm|chatgpt|do not tell|summari[sz]e|respond|user)\b",
    ),
    (
        "indirect.tool", 0.65, "injecagent", "tool tools function functions api plugin",
        r"\b(?:call|invoke|use|execute|run|trigger) (?:the |your |this )?[\w.'\"`-]{1,40} ?(?:tool|function|api|plugin) "
        r"~8~(?:to|with|and|instead|before|immediately|without)\b",
    ),
    (
        "indirect.order-please", 0.6, "injecagent", "please",
        r"(?:^|[\n:'\"({\[.,] {0,2})(?:first |could you |can you )?please (?:grant|deposit|move|delete|get|use|unlock|lock|share|"
        r"update|list|send|forward|transfer|change|disable|enable|remove|add|create|download|export|schedule|"
        r"withdraw|book|order|buy|purchase|pay|search|retrieve|fetch|find|provide|post|publish|execute|run|open|"
        r"set|modify|cancel|install|give|email|access|generate|turn|make|reset|show|tell|place|record|sell|leave|redirect) (?:permanent|all|my|"
        r"me|the|a|an|this|these|your|\d{1,9}|[^\W_]{1,20} )",
    ),
    (
        "indirect.order-mine", 0.6, "injecagent", "my our",
        r"(?:^|[\n:'\"({\[.,] {0,2})(?:please |kindly |could you |can you )?(?:grant|deposit|move|delete|get|use|unlock|share|"
        r"update|list|send|forward|transfer|change|disable|remove|download|export|schedule|withdraw|book|"
        r"order|buy|purchase|pay|search|retrieve|fetch|find|post|publish|execute|modify|cancel|install|"
        r"e ?mail|access|turn|reset|place|set|create|add|make|open) ~9~(?:my|our)\b",
    ),
    (
        "indirect.order-send", 0.65, "injecagent", "send email forward share",
        r"\b(?:send|e ?mail|forward|share|give) (?:it|this|them|these|that|the|all|those|me|my|his|her|any) ~12~(?:to|with|at) ~4~"
        r"[\w.+-]{1,40}@[\w-]{1,40}\.",
    ),
    (
        "indirect.order-answer", 0.6, "bipia", "answer response reply responses",
        r"\b(?:(?:in|from|of|to|with|for) (?:your|the) (?:answer|response|reply|responses)|your (?:answer|response|reply) "
        r"(?:must|should|in|to|with|using|so|by|as|into))\b",
    ),
)

PHRASES = Phrases(_MACROS, _ROWS)
