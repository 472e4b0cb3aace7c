"""Closed questions and open requests of chats, in seven languages, one by one."""
# ruff: noqa: E501

import pytest

from ecom.forms.infer import infer

CLOSED = [
    (
        "Ordne die Bewertung einer dieser Kategorien zu: Preis, Qualität, Lieferung.\n\nBewertung: Kam zu spät.",
        "Preis|Qualität|Lieferung",
    ),
    (
        "Antworte mit 1, wenn das Produkt passt, sonst mit 0.\nSuche: Lampe\nProdukt: Tischlampe",
        "1|0",
    ),
    (
        "Ist die folgende Bewertung positiv, neutral oder negativ?\nSuper Schuhe!",
        "positiv|neutral|negativ",
    ),
    ("Passt das Produkt zur Suchanfrage? Antworte nur mit ja oder nein.", "ja|nein"),
    (
        "Gib „relevant“ aus, wenn das Produkt passt, andernfalls „irrelevant“.",
        "relevant|irrelevant",
    ),
    (
        "Welche der folgenden Kategorien passt am besten?\n- Schuhe\n- Lampen\n- Zelte\n\nProdukt: Acme Runner",
        "Schuhe|Lampen|Zelte",
    ),
    ("Wähle genau eine Antwort.\nA) Holz\nB) Stahl\nC) Glas\nWoraus ist der Tisch?", "A|B|C"),
    (
        "Mögliche Kategorien: Schuhe, Lampen, Zelte\nText: Runner 5\nKategorie:",
        "Schuhe|Lampen|Zelte",
    ),
    (
        "Clasifica el siguiente comentario en una de estas categorías: precio, calidad, envío.\n\nComentario: Llegó tarde.",
        "precio|calidad|envío",
    ),
    ('Responde "sí" si el producto coincide con la búsqueda y "no" en caso contrario.', "sí|no"),
    ("¿Es verdadero o falso? El agua hierve a 100 grados.", "verdadero|falso"),
    ("¿Cuál de las siguientes opciones es correcta?\na) rojo\nb) azul\nc) verde", "a|b|c"),
    (
        "Elige la etiqueta más adecuada: positivo, negativo, neutro.\nTexto: Muy bueno.",
        "positivo|negativo|neutro",
    ),
    ("Réponds 'oui' si le produit correspond à la requête, 'non' sinon.", "oui|non"),
    (
        "Quelle est la catégorie du produit ? Choisis parmi : chaussures, lampes, tentes.\nProduit : Runner",
        "chaussures|lampes|tentes",
    ),
    ("L'avis est-il positif, négatif ou neutre ?\nTrès bien.", "positif|négatif|neutre"),
    (
        "Choisissez l'une des options suivantes :\n- rouge\n- bleu\n\nQuestion : quelle est la couleur du ciel ?",
        "rouge|bleu",
    ),
    ('Classifica la recensione come positiva o negativa: "Ottimo prodotto"', "positiva|negativa"),
    ("Rispondi sì se il prodotto è pertinente, no altrimenti.", "sì|no"),
    (
        "Scegli la categoria corretta tra le seguenti: scarpe, lampade, tende.\nProdotto: Runner",
        "scarpe|lampade|tende",
    ),
    (
        "Quale colore preferisce il cliente? Scegli una delle opzioni.\n- rosso\n- blu\n- verde",
        "rosso|blu|verde",
    ),
    (
        "次のレビューの感情を「ポジティブ」「ネガティブ」「ニュートラル」から一つ選んでください。\nとても良い",
        "ポジティブ|ネガティブ|ニュートラル",
    ),
    (
        "商品がクエリに合っていれば「はい」、そうでなければ「いいえ」と答えてください。",
        "はい|いいえ",
    ),
    ("次の中から正しいものを選びなさい。\n1. 東京\n2. 大阪\n3. 京都", "1|2|3"),
    ("カテゴリを選んでください：靴、ランプ、テント\n商品：ランナー", "靴|ランプ|テント"),
    ("请判断以下评论的情感是正面还是负面。\n评论：很好", "正面|负面"),
    ("如果商品与查询相关，请回答“相关”，否则回答“不相关”。", "相关|不相关"),
    ("请从以下选项中选择一个：A. 鞋 B. 灯 C. 帐篷\n商品：跑鞋", "A|B|C"),
    ("该评论的情感类别是？（积极/消极/中性）\n评论：不错", "积极|消极|中性"),
    ("问题：天空是什么颜色？\nA.红 B.蓝 C.绿\n答案：", "A|B|C"),
    (
        "Classify this ticket as one of [billing, shipping, returns].\nTicket: Where is my parcel?",
        "billing|shipping|returns",
    ),
    (
        "What is the sentiment? (positive/negative/neutral)\nReview: great",
        "positive|negative|neutral",
    ),
    (
        "Does the hypothesis follow from the premise? Answer with entailment, neutral, or contradiction.\nPremise: a\nHypothesis: b",
        "entailment|neutral|contradiction",
    ),
    (
        "Is the review about (a) price, (b) quality or (c) delivery? Reply with the letter.\nReview: late",
        "a|b|c",
    ),
    (
        "You must reply with exactly one word: BUY, HOLD or SELL.\nNews: profits rise",
        "BUY|HOLD|SELL",
    ),
    (
        "Categories: Books; Toys; Garden\n\nAssign the product to the right category.\nProduct: spade",
        "Books|Toys|Garden",
    ),
    (
        'Return one of the following JSON values: "high", "medium", "low".\nText: urgent!',
        "high|medium|low",
    ),
    ("Choose the best answer.\n\nWhat is wool from?\n\nA: sheep\nB: trees\n\nAnswer:", "A|B"),
    ("Q: Can a lamp burn? True/False\nA:", "True|False"),
    ("Is it a duplicate? Return 1 for yes and 0 for no.\nQ1: a\nQ2: b", "1|0"),
    ("The possible labels are: \n* spam\n* not spam\n\nMessage: win!\nLabel:", "spam|not spam"),
    (
        "Pick the correct emotion from joy, anger, fear, and sadness.\nText: yay",
        "joy|anger|fear|sadness",
    ),
    ("Which product is better for a camper, A or B?\nA: tent\nB: lamp\nAnswer:", "A|B"),
    ('Text: "great"\nIs the text above positive? Yes, No', "Yes|No"),
    (
        "Determine whether the two products are the same. Output 'same' or 'different' only.",
        "same|different",
    ),
    ("Decide if the review is helpful (Y/N).\nReview: nice", "Y|N"),
    ("<options>\nred\nblue\n</options>\nChoose the option that fits: sky", "red|blue"),
    (
        "Which of these would be the category?\n1 - Shoes\n2 - Lamps\n3 - Tents\nProduct: runner",
        "1|2|3",
    ),
    (
        'Answer the question by selecting one of the choices.\nQuestion: What is hot?\nChoices: ["ice", "fire", "snow"]',
        "ice|fire|snow",
    ),
]
OPEN = [
    "Was kann ich tun, wenn der Artikel kaputt ist oder fehlt?",
    "Schreibe eine Antwort auf die Bewertung: „gut“ oder „schlecht“ ist egal.",
    "Fasse zusammen:\n- Er ist laut\n- Er ist schwer",
    'Explain the difference between "affect" or "effect".',
    "Which of the following features are new? Describe each:\n- fast\n- light",
    "Summarise these labels:\n- red\n- blue",
    "Suggest a name for the product. Features:\n- fast\n- light",
    "List three reasons to choose one of these:\n- lamp\n- torch",
    "Write a tweet about one of these topics:\n- cats\n- dogs",
    'What do "S" and "M" mean?',
    "¿Qué me recomiendas, un abrigo o una chaqueta?\nQuiero algo caliente.",
    "Erkläre mir, ob ich A oder B kaufen soll.",
    "为这款产品写一段描述：\n- 红色\n- 轻便",
    "この商品の説明を書いてください。\n- 赤い\n- 軽い",
    "What should I check if the lamp does not work, and when should I call you?",
    "If you return 1 for 2 items, what happens when I keep 3 for 4?",
    'Extract the brand and the colour. Output JSON with keys "brand" and "color".\nTitle: Acme red lamp',
    'Reply to the customer: "Is it red or blue?"',
    "Tell me about sizes: S, M or L",
    "Which size should I order if I am between 42 and 43?",
    "Product: lamp\nCategories: home, light\nWrite a title.",
    "How do I choose the right type of tent?\n- 2 persons\n- rain",
    'Translate to German: "yes" or "no"?',
    "Generate a question whose answer is yes or no.",
    "Give me ideas for labels: short or long",
    "Compare A and B for a camper.",
    "Can I pay by invoice or card?",
    "Is this suitable for kids? I have two or three.",
    "Extract the following fields from the invoice: number, date, total, currency.\n\nInvoice 17 of 3 May: 20 EUR",
    "Extract entities of these types: brand, colour, size, material.\nTitle: Acme red wool scarf",
    'Return a JSON object with the keys "name", "price" and "currency".\nText: lamp for 20 EUR',
    'Return a JSON object with "sentiment" (positive or negative) and "reason" (one sentence).\nReview: loud',
    'Find all products that are "waterproof" or "water-resistant" in the text.\nText: a waterproof boot',
    "Select the most important sentences from the review: It broke. It was cheap. I am sad.",
    "Choose a name for my shop: I sell lamps, tents and boots",
    "Pick a title from the words in the description and make it catchy.\nDescription: oak shelf",
    "Help me choose: red shoes for work, or black shoes for parties? Explain.",
    "Which is better, wool or cotton? Explain in two sentences.",
    "What is better for camping, a tent or a hammock? Why?",
    "Should I return it or keep it? Write me some advice.",
    "Is it possible to ship to Spain or Italy, and what does it cost?",
    'The customer wrote: "Is it red or blue?" What would you answer?',
    'Answer the question using the context. If you do not know, say "I do not know".\nContext: The lamp is red.\nQuestion: What colour is the lamp?',
    'If the text mentions a brand, output the brand, otherwise output "none".\nText: Acme lamp',
    'If the answer is not in the text, reply "unanswerable".\nText: a\nQuestion: How heavy is it?',
    "Summarize the reviews.\n\nPros:\n- light\n- cheap\nCons:\n- loud",
    "Here are the categories of our shop:\n- shoes\n- lamps\n\nWrite a slogan for each of these categories.",
    "Describe the difference between the options:\nA. lease\nB. buy",
    "Rewrite the following bullet points into a paragraph:\n- light\n- cheap",
    "Put the following words into a sentence: lamp, wool, red.",
    "List five synonyms of these words: big, small, or tall.",
    "Translate the following labels: small, medium, large.",
    "Write a product description. Choose a friendly tone. Features: light, cheap, red.",
    "Create three questions with the answers yes or no.",
    "How would you classify this product? Explain your reasoning.\nProduct: lamp",
    "Give me a list of categories for: lamp, boot, tent.",
    'Tag the product with keywords: oak shelf, 36" wide',
    "Assign tags to the product. Tags should be short, specific, and in English.\nProduct: oak shelf",
    "Determine the attribute values for: colour, size, material.\nTitle: red wool scarf M",
    "Identify the aspects and their sentiment (positive, negative, neutral) as tuples.\nReview: Great food, slow service.",
    "For each sentence, output its sentiment: positive or negative.\n1. great\n2. bad",
    "Label each of the following products with its category:\n- lamp\n- boot",
    "Given the product attributes, write a title. Attributes: colour: red; size: M or L",
    "Suggest which of the following I should bundle and why:\n1. lamp\n2. bulb\n3. boot",
    "Fill in the blank: The lamp is ___ .",
    "Convert the size: 1 = S, 2 = M, 3 = L. What is the size of an order of 2, 1, 3 in letters?",
    "Solve: if x = 2 and y = 3, what is x + y?",
    "Can you tell me whether this lamp is dimmable or what else I need?",
    "Does it come with batteries? yes, no, I cannot find it on your page and the manual is missing",
    "I have tried both: yes, no difference. What should I do next?",
    "What do customers say about quality, price, or shipping?\nReview: a",
    "What are the pros and cons of (a) leather and (b) suede?",
    "Wie wähle ich die richtige Größe: 42, 43 oder 44?",
    "Wähle einen passenden Titel für: Lampe, rot, dimmbar.",
    "Schreibe eine Mail an den Kunden. Wähle einen freundlichen Ton: kurz, klar, höflich.",
    "Elige un título para este producto: lámpara roja, regulable",
    "¿Cómo elijo entre lana y algodón?",
    "Choisis un titre pour ce produit : lampe rouge, réglable",
    "Quelle est la différence entre le cuir et le daim ?",
    "Scegli un titolo per il prodotto: lampada rossa, dimmerabile",
    "给这个产品选择一个好听的名字：红色、羊毛、围巾",
    "请写出这个商品的卖点：红色、轻便",
    "用户问：是红色还是蓝色？请回复用户。",
    "このレビューを「です・ます」調または「である」調で書き直してください。",
    "商品名を考えてください：赤い、軽い",
    "Complete the dialogue.\nAgent: Would you like a refund or a replacement?\nCustomer:",
    "User: Is it in stock?\nAgent: Yes or no depends on the size. Which one?\nUser: M\nAgent:",
    "What is the capital of France? Answer in one word.",
    "How many items are in the order: lamp, boot, tent?",
    "Which of the two reviews is more helpful? Explain why.\nReview 1: good\nReview 2: bad",
    "Which brand is the most popular for running: Acme, Bolt, or Cero? Give a detailed comparison.",
    'Compare "Acme" and "Bolt" in a table.',
    'Replace "color" or "colour" by "shade" in the text.\nText: the color is red',
    "Write SQL that returns 1 if the order is paid and 0 if it is not.",
    'Write a function that outputs "yes" if n is even, otherwise "no".',
    'Generate a regex for "cat" or "dog".',
    'def f(x):\n    return "a" if x else "b"\nExplain the code.',
    "Output the brand if it is given, and the seller otherwise.\nTitle: Acme lamp",
    'Mark the words that are misspelled: "recieve", "shoe" or "lampp"',
    'Reply to the review in the voice of a "friendly" or "formal" agent, as you like.',
    "Options: red, blue\nPrice: 20\nWrite an ad.",
    "Name the odd sizes: 41, 42, 43, 44.",
    "When should I use size S, M, or L?",
    "Select all the adjectives in the sentence: The big red lamp is cheap.",
    "Choose the words that describe colour in the title: red wool scarf, blue hat",
]


@pytest.mark.parametrize(("prompt", "texts"), CLOSED)
def test_a_closed_question_is_known(prompt: str, texts: str) -> None:
    offer = infer(prompt).offer

    assert offer
    assert "|".join(offer.texts).casefold() == texts.casefold()
    assert (offer.least, offer.most, offer.ordered) == (1, 1, False)


@pytest.mark.parametrize("prompt", OPEN)
def test_an_open_request_offers_nothing(prompt: str) -> None:
    assert infer(prompt).offer is None
