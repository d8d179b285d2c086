"""Overrides and extraction attempts in languages other than English.

Rows of (language, category, words or parts that must be there, pattern), in the notation of
``injection_rules``: folded text, so without accents and with й as и, ё as е.
"""

from collections.abc import Sequence

TONGUES: Sequence[tuple[str, str, str, str]] = (
    (
        "de",
        "override",
        "ignoriere ignorier ignorieren ignoriert missachte vergiss vergesst ubergehe",
        r"\b(?:ignorier(?:e|en|t|st)?|missachte|vergiss|vergesst|ubergehe) ~4~(?:vorherigen?|bisherigen?|"
        r"obigen?|vorangegangenen?|fruheren?|vorigen?|deine[nr]?|ursprunglichen?) ~2~(?:anweisung(?:en)?|"
        r"instruktion(?:en)?|regeln|vorgaben|befehle?|richtlinien|prompts?|anleitung(?:en)?)\b",
    ),
    (
        "de",
        "extraction",
        "systemprompt system systemanweisung systemanweisungen systemnachricht anweisungen",
        r"\b(?:zeig(?:e|t)?|gib|nenn(?:e|t)?|verrat(?:e|en)?|wiederhole|druck(?:e)?|offenbare|wie lautet|"
        r"wie lauten) ~3~(?:dein(?:e|en)?|den|die|ursprungliche[nr]?) ~1~(?:system ?prompts?|"
        r"system ?anweisung(?:en)?|system ?nachricht|(?:geheimen|versteckten|ursprunglichen) anweisungen)\b",
    ),
    (
        "fr",
        "override",
        "ignore ignorez ignorer oublie oubliez neglige",
        r"\b(?:ignore[zr]?|oublie[zr]?|neglige[zr]?) ~3~(?:instructions?|consignes?|directives?|regles?|"
        r"ordres?) ~2~(?:precedentes?|anterieure?s?|ci dessus|initiales?|d origine|donnees?)\b",
    ),
    (
        "fr",
        "extraction",
        "systeme prompt instructions consignes",
        r"\b(?:affiche|montre|revele|donne|repete|ecris|imprime|divulgue)[zr]?(?: moi)? ~2~(?:prompt (?:du )?"
        r"systeme|(?:instructions|consignes) (?:du |de )?(?:systeme|cachees|initiales|secretes))\b",
    ),
    (
        "es",
        "override",
        "ignora ignore ignorar olvida olvide omite desestima",
        r"\b(?:ignor(?:a|e|ar|es)|olvid(?:a|e|ar)|omite|desestima|haz caso omiso de) ~3~(?:instruccion(?:es)?|"
        r"indicacion(?:es)?|ordenes|reglas|directrices|mensajes) ~1~(?:anterior(?:es)?|previas?|de arriba|"
        r"iniciales|recibidas|dadas)\b",
    ),
    (
        "es",
        "extraction",
        "sistema instrucciones",
        r"\b(?:muestra|muestrame|revela|revelame|dime|repite|imprime|escribe|dame) ~3~(?:prompt|mensaje|"
        r"indicacion|instrucciones) (?:de |del )?(?:sistema|ocultas|iniciales|secretas|internas)\b",
    ),
    (
        "it",
        "override",
        "ignora ignorare ignorate dimentica dimenticate trascura",
        r"\b(?:ignora(?:re|te)?|dimentica(?:re|te)?|trascura(?:re|te)?) ~3~(?:istruzion[ei]|indicazioni|regole|"
        r"direttive|ordini|comandi) ~1~(?:precedent[ei]|sopra|iniziali|ricevut[ei]|dat[ei])\b",
    ),
    (
        "it",
        "extraction",
        "sistema istruzioni",
        r"\b(?:mostra(?:mi)?|rivela(?:mi)?|dimmi|ripeti|stampa|scrivi) ~3~(?:prompt|messaggio|istruzioni) "
        r"(?:di |del )?(?:sistema|nascoste|iniziali|segrete)\b",
    ),
    (
        "pt",
        "override",
        "ignore ignora ignorar esqueca esquece desconsidere desconsidera",
        r"\b(?:ignor(?:e|a|ar)|esque(?:ca|ce|cer)|desconsider(?:e|a|ar)) ~3~(?:instruc(?:ao|oes)|instrucoes|"
        r"regras|orientacoes|diretrizes|comandos|ordens) ~1~(?:anterior(?:es)?|previas?|acima|iniciais|dadas)\b",
    ),
    (
        "pt",
        "extraction",
        "sistema instrucoes",
        r"\b(?:mostre|mostra|revele|revela|diga|repita|imprima|escreva)(?: me)? ~3~(?:prompt|mensagem|instrucoes) "
        r"(?:de |do )?(?:sistema|ocultas|iniciais|secretas)\b",
    ),
    (
        "nl",
        "override",
        "negeer negeren vergeet",
        r"\b(?:negeer|negeren|vergeet) ~3~(?:vorige|eerdere|voorgaande|bovenstaande|je|jouw) ~1~(?:instructies?|"
        r"opdrachten|regels|aanwijzingen|richtlijnen)\b",
    ),
    (
        "pl",
        "override",
        "zignoruj ignoruj zapomnij",
        r"\b(?:z?ignoruj|zapomnij o) ~3~(?:poprzedni(?:e|ch)|wczesniejsz(?:e|ych)|powyzsz(?:e|ych)) ~1~"
        r"(?:instrukcj(?:e|i|ach)|polecen(?:ia|iach)?|zasad(?:y|ach)?)\b",
    ),
    (
        "tr",
        "override",
        "onceki yukaridaki",
        r"\b(?:onceki|yukaridaki) ~2~(?:talimatlar\w{0,6}|yonergeler\w{0,6}|komutlar\w{0,6}|kurallar\w{0,6}) ~2~"
        r"(?:yok say|unut|gormezden gel|dikkate alma|goz ardi et)",
    ),
    (
        "ru",
        "override",
        "игнорируи проигнорируи игнорируите забудь забудьте",
        r"(?:про)?(?:игнорируи(?:те)?|забудь(?:те)?(?: о| про)?) ~3~(?:предыдущ|прошл|прежн|вышеуказанн|"
        r"указанн|сво)\w{1,5} ~2~(?:инструкц|указани|команд|правил|сообщени|промпт)",
    ),
    (
        "ru",
        "extraction",
        "системн",
        r"(?:покажи|выведи|раскрои|напиши|повтори|назови|сообщи)(?:те)? ~3~системн\w{1,4} (?:промпт|"
        r"инструкц|сообщени|подсказк)",
    ),
    (
        "uk",
        "override",
        "ігноруи ігноруите проігноруи забудь",
        r"(?:про)?(?:[іi]гноруи(?:те)?|забудь(?:те)?(?: про)?) ~3~(?:попередн|наведен)\w{1,4} ~1~(?:[іi]нструкц|"
        r"вказ[іi]вк|команд|правил)",
    ),
    (
        "zh",
        "override",
        "忽略 無視 无视 忘记 忘記 不要理会 忽視 忽视 不要遵守",
        r"(?:忽略|忽视|忽視|无视|無視|忘记|忘記|不要理会|不要遵守).{0,12}(?:之前|以前|先前|以上|上面|前面|此前|上述|所有|你的)"
        r".{0,8}(?:指令|指示|提示|说明|說明|规则|規則|命令|要求|设定|設定|内容)",
    ),
    (
        "zh",
        "extraction",
        "系统提示 系統提示 系统指令 系統指令 初始指令 隐藏指令 系统消息",
        r"(?:显示|顯示|告诉|告訴|输出|輸出|打印|列印|透露|泄露|重复|重複|说出|給我|给我).{0,12}(?:系统提示|系統提示|系统指令|系統指令|"
        r"初始指令|隐藏指令|系统消息)",
    ),
    (
        "ja",
        "override",
        "指示 命令 プロンプト ルール 指令",
        r"(?:これまで|今まで|以前|前|上記|すべて|全て|以上).{0,8}(?:指示|命令|プロンプト|ルール|指令).{0,6}(?:無視|忘れ|破棄|従わない)",
    ),
    (
        "ja",
        "extraction",
        "システムプロンプト システムメッセージ 初期指示",
        r"(?:システムプロンプト|システムメッセージ|初期指示).{0,12}(?:表示|教え|見せ|出力|開示|繰り返|公開)",
    ),
    (
        "ko",
        "override",
        "지시 명령 프롬프트 규칙",
        r"(?:이전|위|앞|기존|모든|지금까지).{0,10}(?:지시|명령|프롬프트|규칙).{0,8}(?:무시|잊어|잊고|따르지)",
    ),
    (
        "ko",
        "extraction",
        "시스템",
        r"시스템.{0,2}(?:프롬프트|메시지|지시).{0,12}(?:보여|알려|출력|공개|말해|반복)",
    ),
    (
        "ar",
        "override",
        "تجاهل تجاهلي انس",
        r"(?:تجاهل|تجاهلي|انس|انسى).{0,14}(?:التعليمات|الأوامر|التوجيهات|القواعد|الاوامر).{0,4}"
        r"(?:السابقة|أعلاه|السابقه)",
    ),
    (
        "hi",
        "override",
        "निर्देश आदेश",
        r"(?:पिछले|पहले|उपरोक्त|सभी).{0,12}(?:निर्देश|आदेश).{0,14}(?:अनदेखा|नजरअंदाज|नज़रअंदाज़|भूल)",
    ),
    (
        "vi",
        "override",
        "qua",
        r"\b(?:bo qua|quen|phot lo) ~4~(?:huong dan|chi dan|chi thi|lenh|quy tac) ~2~(?:truoc|tren|ban dau)",
    ),
    (
        "id",
        "override",
        "abaikan lupakan",
        r"\b(?:abaikan|lupakan) ~2~(?:instruksi|perintah|petunjuk|aturan) ~2~(?:sebelumnya|di atas|awal)\b",
    ),
    (
        "sv",
        "override",
        "ignorera glom bortse",
        r"\b(?:ignorera|glom|bortse fran) ~2~(?:tidigare|foregaende|ovanstaende|dina) ~1~(?:instruktion(?:er|erna)?|"
        r"regler(?:na)?|anvisningar(?:na)?)\b",
    ),
)
