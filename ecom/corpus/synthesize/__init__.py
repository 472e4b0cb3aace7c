r"""New rows from a teacher: a model is asked about a shop's records, and its text is checked.

    record + template ─► Request ─► teacher ─► text ─► structural filter ─► Example | Rejected
     records.py  template.py  prompt.py │        ▲       rows.py  answers.py
                                        ▼        │
                      ecom/completions: what was answered is never asked again

    for row in synthesis.synthesize(records, tasks.load(settings), settings, cache, seed): …

`tasks` are the templates that the recipe names, with their languages and with development rows to
show (shots.py).

The teacher is any endpoint that speaks OpenAI's chat completions (teacher.py) or a model of one's
own, by vLLM through `ray.data.llm` (job.py). One request is one template about one record; it asks
for several rows, one a line, each in the template's sample output:

    |Question Difficulty ("Very Easy", "Easy", "Medium" or "Hard")|Rewritten Query|

The difficulty stands in the sample output because that steers a teacher, and asking for hard rows
does not ("More diverse, more adaptive", section 2.2; docs/domain.md). It comes first, so that the
teacher has settled on it when it writes the rest. A row keeps it as its column `difficulty`, for
`corpus.mix` to choose by.
"""
