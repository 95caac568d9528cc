"""An interpolated n-gram model with modified Kneser-Ney discounts (Chen and Goodman 1999): the yardstick that needs no
gradient. Everything is arrays: an n-gram's id is the rank of the pair (id of the n-gram without its last token, last token)."""

import numpy as np


class KneserNey:
    def __init__(self, vocab, order=5):
        self.vocab, self.order = vocab, order  # the id `vocab` stands before a document

    def fit(self, documents):
        """Counts the n-grams of documents, each an array of token ids."""
        stream, scored = self.lay_out(documents)
        ids, representatives = stream.copy(), {}
        self.pairs, last = [], []  # of each order above 1: its sorted pairs; the id of the n-gram that ends at each place
        for n in range(1, self.order + 1):
            if n > 1:
                pair = self.pair(np.concatenate(([0], ids[:-1])), stream)
                pair[~scored] = -1  # nothing ends in a document's lead
                known, first, ids = np.unique(pair, return_index=True, return_inverse=True)
                drop = 1 if known[0] < 0 else 0
                ids, known, first = ids - drop, known[drop:], first[drop:]
                self.pairs.append(known)
                representatives[n] = first
                # inside a lead, the context is the lead alone: any id that no pair has will do
                ids = np.where(scored, ids, len(known))
            last.append(ids)
        self.levels = []
        for n in range(1, self.order + 1):
            size = self.vocab + 1 if n == 1 else len(self.pairs[n - 2])
            if n == self.order:
                counts = np.bincount(last[n - 1][scored], minlength=size)
            else:  # how many different tokens stand before the n-gram
                counts = np.bincount(last[n - 1][representatives[n + 1]], minlength=size)
            context = np.zeros(size, np.int64) if n == 1 else self.pairs[n - 2] // (self.vocab + 1)
            self.levels.append(self.level(counts, context))
        return self

    def level(self, counts, context):
        """Discounted counts, and for each context the sum of its counts and the mass that the discounts set free."""
        of = [max(1, int((counts == k).sum())) for k in range(1, 5)]
        y = of[0] / (of[0] + 2 * of[1])
        estimates = [k - (k + 1) * y * of[k] / of[k - 1] for k in (1, 2, 3)]
        # Among single tokens few are rare, and their estimates may be impossible. Without a discount nothing would be left for
        # the tokens that never occur.
        discounts = np.array([0] + [d if 0 < d < k else k / 2 for k, d in enumerate(estimates, 1)])
        taken = discounts[np.minimum(counts, 3)]
        size = int(context.max()) + 1
        total = np.bincount(context, counts, size)
        freed = np.bincount(context, taken, size)
        return counts - taken, total, freed

    def lay_out(self, documents):
        lead = np.full(self.order - 1, self.vocab)
        stream = np.concatenate([part for d in documents for part in (lead, d)]).astype(np.int64)
        return stream, stream != self.vocab

    def pair(self, before, token):
        return before * (self.vocab + 1) + token

    def probabilities(self, document):
        """Of each token of the document after those before it."""
        stream, scored = self.lay_out([document])
        p = np.full(len(stream), 1 / self.vocab)
        ids, before = stream.copy(), np.zeros(len(stream), np.int64)
        for n in range(1, self.order + 1):
            if n > 1:
                before = np.concatenate(([-1], ids[:-1]))  # the context of order n ends one place to the left
                pair = np.where(before < 0, -1, self.pair(before, stream))
                at = np.searchsorted(self.pairs[n - 2], pair).clip(max=len(self.pairs[n - 2]) - 1)
                found = self.pairs[n - 2][at] == pair
                lead = ~scored
                ids = np.where(found, at, -1)
                ids = np.where(lead, len(self.pairs[n - 2]), ids)
            kept, total, freed = self.levels[n - 1]
            known = (before >= 0) & (before < len(total))
            sums = np.where(known, total[np.where(known, before, 0)], 0)
            count = np.where(ids >= 0, kept[np.where((ids >= 0) & (ids < len(kept)), ids, 0)], 0)
            free = freed[np.where(known, before, 0)]
            p = np.where(sums > 0, (count + free * p) / np.maximum(sums, 1), p)
        return p[scored]
