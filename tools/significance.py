"""Which of several shares is really the largest.

Two shares are compared by the two-proportion z-test with a common estimate of the variance:
NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3; Agresti, Categorical Data Analysis, 2.

Of several, the best is compared with the second best. These two are picked after the fact, any
pair could have been it: so the p-value is multiplied by the number of pairs (Bonferroni, the same
handbook, 7.4.7.3). That errs on the side of going on, and needs no more than the same test.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

# Of 100 comparisons of what is the same, so many may find a difference: 95 % confidence.
LEVEL = 0.05


class Comparison(NamedTuple):
    """The best of several, compared with the second best.

    :param best: its key
    :param p_value: how likely a difference like this would be if there were none, two-sided
    """

    best: object
    p_value: float

    @property
    def is_significant(self):
        return self.p_value < LEVEL


def compare_best(counts):
    """Compare the largest share with the second largest; of equal ones the first counts as best.

    :param dict counts: for each key the number of trials, at least one, and of successes; of two
        keys or more
    :rtype: Comparison
    """
    best, second, *_others = sorted(counts, key=lambda key: -get_share(*counts[key]))
    pairs = math.comb(len(counts), 2)
    p_value = get_p_value(get_z(*counts[best], *counts[second]))
    return Comparison(best, min(1.0, p_value * pairs))


def get_share(trials, successes):
    return successes / trials if trials else 0.0


def get_z(trials, successes, other_trials, other_successes):
    """By how many standard errors the first share is larger than the other one; 0 where all or
    none have succeeded.

    Aspirin and heart attacks (Agresti, 2.1.1: 189 of 11,034 with placebo, 104 of 11,037 with
    aspirin; chi square is 25.0, the square of this):

    >>> round(get_z(11034, 189, 11037, 104), 2)
    5.0

    Tax on cigarettes (Penn State, STAT 415, 9.4: 351 of 605 non-smokers and 41 of 195 smokers are
    in favour):

    >>> round(get_z(605, 351, 195, 41), 2)
    8.99
    """
    pooled = (successes + other_successes) / (trials + other_trials)
    variance = pooled * (1 - pooled) * (1 / trials + 1 / other_trials)
    if not variance:
        return 0.0
    return (successes / trials - other_successes / other_trials) / math.sqrt(variance)


def get_p_value(z):
    """How likely a difference of so many standard errors, either way, would be by chance.

    >>> round(get_p_value(1.96), 4), get_p_value(0)
    (0.05, 1.0)
    """
    return 2 * NormalDist().cdf(-abs(z))
