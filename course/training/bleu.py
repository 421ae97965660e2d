"""BLEU by sacreBLEU: how many runs of one to four words an answer shares with right translations.

BLEU depends on how texts are cut into words, and papers long did that each in a way of their own.
sacreBLEU does it by itself and signs what it did (Post 2018, "A Call for Clarity in Reporting BLEU
Scores"). A figure without the signature cannot be compared with another.
"""

import json
from dataclasses import dataclass

from sacrebleu.metrics import BLEU

RESAMPLES = 1000  # of the answers, for the range


@dataclass(frozen=True)
class Score:
    """A BLEU score and what it is made of.

    bleu: from 0 to 100.
    precisions: four numbers in per cent: of the answers' runs of one, two, three and four words,
        how many stand in a right translation.
    brevity_penalty: at most 1; below, where the answers are shorter than right ones.
    mean, margin: of as many answers drawn from these with replacement, again and again; nineteen
        of twenty scores lie in a range twice the margin wide. Other sentences of the same kind
        could have given any of them.
    count: number of answers.    signature: how sacreBLEU computed it.
    """

    bleu: float
    precisions: tuple
    brevity_penalty: float
    mean: float
    margin: float
    count: int
    signature: str

    def __str__(self):
        precisions = ", ".join(f"{share:.1f}" for share in self.precisions)
        return (
            f"BLEU {self.bleu:.1f} on {self.count:,} sentences (drawn again: {self.mean:.1f} ± "
            f"{self.margin:.1f}); precisions {precisions}; brevity penalty "
            f"{self.brevity_penalty:.3f}\n{self.signature}"
        )


def bleu(answers, references, tokenize="13a"):
    """Score answers against right translations; return a `Score`.

    answers: list of str.    references: for each of them a list of str, at least one.
    tokenize: how sacreBLEU cuts texts into words: `"13a"` where words have spaces between them,
        `"zh"` for Chinese, `"char"` for other languages without.
    Raises ValueError for no answers at all, or one without a reference.
    """
    if not 0 < len(answers) == len(references):
        raise ValueError(
            "There must be a list of right translations for each answer, and one answer at least. "
            f"Received: {len(answers)} answers, {len(references)} lists"
        )
    for number, ones in enumerate(references):
        if isinstance(ones, str) or not ones:
            raise ValueError(
                f"Each of `references` must be a list of str, at least one. Received: {ones!r} for "
                f"answer {number}"
            )
    if tokenize not in BLEU.TOKENIZERS:
        known = ", ".join(BLEU.TOKENIZERS)
        raise ValueError(f"`tokenize` must be one of {known}. Received: {tokenize!r}")
    most = max(map(len, references))
    streams = [[(*ones, *[None] * most)[place] for ones in references] for place in range(most)]
    metric = BLEU(tokenize=tokenize, force=True)  # force: no advice on texts that look cut already
    scored = metric.corpus_score(list(answers), streams, n_bootstrap=RESAMPLES)
    signature = str(metric.get_signature())
    told = json.loads(scored.format(width=6, signature=signature, is_json=True))
    return Score(
        bleu=scored.score,
        precisions=tuple(scored.precisions),
        brevity_penalty=scored.bp,
        mean=told.get("confidence_mean", 0.0),  # left out where all of them are 0
        margin=told.get("confidence_var", 0.0),
        count=len(answers),
        signature=signature,
    )
