r"""New rows from a teacher: a model writes rows about a shop's records, and they are checked.

    record + template ─► Request ─► teacher ─► text ─► structural filter ─► Example | Rejected
     records.py  template.py  prompt.py │        ▲       rows.py  answers.py
                                        ▼        │
                      ecom/completions: an answered request is never sent again

    for row in synthesis.synthesize(records, tasks.load(settings), settings, cache, seed): …

`tasks` are the templates that the recipe names, with their languages and with development rows to
show (shots.py).

The teacher is any endpoint with OpenAI's chat completions (teacher.py), or your own model, run by
vLLM through `ray.data.llm` (job.py). One request is one template about one record; it asks for
several rows, one per line, each in the format of the template's sample output:

    |Question Difficulty ("Very Easy", "Easy", "Medium" or "Hard")|Rewritten Query|

The difficulty is in the sample output because that steers a teacher; asking for hard rows does not
("More diverse, more adaptive", section 2.2; docs/domain.md). It comes first, so that the teacher
decides on it before it writes the rest. A row keeps it in the column `difficulty`, which
`corpus.mix` can use.
"""
