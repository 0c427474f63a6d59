"""Make reference_values.json: the theory's integrals in 40 digits, by formulas and methods that the package does not use.

Run by hand (some minutes): python tests/theory/make_reference_values.py

- "power_law": <a_l a_l'> by Eqs. (7), (10) and (13), the last as corrected, in 40 digits (no short form, no recurrence).
- "printed": some of Eq. (7)'s integrals by direct quadrature of Eq. (8) times w, which decides for the corrected Eq. (13).
- "isotropic": C_l of isotropic diffusion by adaptive quadrature of the defining integral.
- "banded": <a_l a_l'> over a band, from the power series of the Bessel products and, at large arguments, from their finite
  trigonometric form with incomplete gamma functions.
- "von_karman": an outer scale without dissipation, from the closed form of its E(kappa) and adaptive quadrature.
- "dissipation": outer scale and dissipation, from the double integral over k and the wave vector's angle cosine, in double
  precision.

All in units of w(1/lambda)/lambda = 1, lambda = 1, unless said otherwise.
"""

import itertools
import json
from pathlib import Path

import mpmath as mp
import numpy as np
from scipy.special import spherical_jn

mp.mp.dps = 40

GAMMAS = {"1.2": mp.mpf("1.2"), "1.5": mp.mpf("1.5"), "5/3": mp.mpf(5) / 3, "2": mp.mpf(2), "2.5": mp.mpf("2.5")}
BETAS = {"0": mp.mpf(0), "1/3": mp.mpf(1) / 3, "2/3": mp.mpf(2) / 3, "1": mp.mpf(1)}
PAIRS = [
    (2, 2), (3, 3), (2, 4), (2, 6), (3, 7), (10, 10), (10, 12), (30, 30), (5, 45), (2, 100), (100, 100),
    (98, 102), (3, 199), (150, 200), (199, 199), (200, 200), (198, 200), (2, 200), (60, 180),
]  # fmt: skip


def j(l, x):
    """Spherical Bessel function."""
    return mp.sqrt(mp.pi / (2 * x)) * mp.besselj(l + mp.mpf(1) / 2, x)


def dj(l, x):
    """Its derivative."""
    return (l * j(l - 1, x) - (l + 1) * j(l + 1, x)) / (2 * l + 1)


def polynomial(l, x):
    """P such that j_l(x) = Re[P e^(ix)] for real x: exact and finite, analytic in x."""
    return sum(c * x ** (-n - 1) for n, c in enumerate(trigonometric(l)))


def derivative_polynomial(l, x):
    """The same of j_l'."""
    return (l * polynomial(l - 1, x) - (l + 1) * polynomial(l + 1, x)) / (2 * l + 1)


def tail(weight, first, second, X):
    """int_X^inf weight(x) Re[first e^(ix)] Re[second e^(ix)] dx: the wave's contour is turned into the upper half plane."""
    smooth = lambda x: weight(x) * mp.re(first(x) * mp.conj(second(x))) / 2  # noqa: E731
    wave = lambda t: weight(X + 1j * t) * first(X + 1j * t) * second(X + 1j * t) * mp.exp(-2 * t) / 2  # noqa: E731
    even = mp.quad(lambda u: smooth(X * mp.exp(u)) * X * mp.exp(u), [0, 1, 2, 4, 8, 16, 32, 64])
    return even + mp.re(1j * mp.exp(2j * X) * mp.quad(wave, [0, 1, 2, 4, 8, 16, 32, 64]))


# --- power law without end ------------------------------------------------------------------------------------------


def eq13(L, M, n, g):
    """Eq. (13) as corrected, even L - M and n."""
    half = mp.mpf(1) / 2
    top = mp.pi**2 * mp.sqrt((2 * L + 1) * (2 * M + 1)) * (-1) ** ((L - M) // 2) * 2
    top *= mp.gamma(g + 1) * mp.gamma((L + M - g + 1) * half)
    low = 2 ** (g + 1) * (g + n) * mp.gamma((L + M + g + 3) * half)
    return top / low * mp.rgamma((L - M + g) * half + 1) * mp.rgamma((M - L + g) * half + 1)


def cc(L, M, g, b):
    """Eq. (7) for constant beta."""
    return b / 2 * eq13(L, M, 0, g) + (1 - 3 * b / 2) * eq13(L, M, 2, g)


def eq10(l, m, c):
    """Eq. (10)."""
    r = lambda L: mp.sqrt(2 * L + 1)  # noqa: E731
    total = l * m * c(l - 1, m - 1) / (r(l - 1) * r(m - 1)) + l * (m + 1) * c(l - 1, m + 1) / (r(l - 1) * r(m + 1))
    total += (l + 1) * m * c(l + 1, m - 1) / (r(l + 1) * r(m - 1)) + (l + 1) * (m + 1) * c(l + 1, m + 1) / (r(l + 1) * r(m + 1))
    return total / (r(l) * r(m))


def direct_eq7(L, M, n, g):
    """int J^(n) w dk by quadrature: the x-integral of Eq. (8) over the k-integral, k = q/x."""
    k_part = mp.quad(lambda q: j(L, q) * j(M, q) * q**-g, [0, 1, 3, 6, 10, 15, 20])
    k_part += tail(lambda q: q**-g, lambda q: polynomial(L, q), lambda q: polynomial(M, q), 20)
    x_part = mp.quad(lambda x: x ** (n + g - 1), [0, mp.mpf(1) / 4, 1])
    return 2 * mp.pi * mp.sqrt((2 * L + 1) * (2 * M + 1)) * (-1) ** ((L - M) // 2) * 2 * k_part * x_part


# --- bands ----------------------------------------------------------------------------------------------------------


def product_from_zero(L, M, p, X):
    """int_0^X x^p j_L j_M dx by the power series of the product of Bessel functions."""
    half = mp.mpf(1) / 2
    extra = int(X) + 60
    with mp.workdps(40 + extra):
        X = mp.mpf(X)
        mu, nu = L + half, M + half
        term = (X / 2) ** (mu + nu) * X**p / (mp.gamma(mu + 1) * mp.gamma(nu + 1)) * mp.pi / 2
        total, k, quarter = mp.mpf(0), 0, X * X / 4
        while True:
            piece = term / (mu + nu + 2 * k + p)
            total += piece
            if k > X and abs(piece) < mp.mpf(10) ** (-45) * abs(total):
                break
            s = mu + nu
            term *= -quarter * (s + 2 * k + 1) * (s + 2 * k + 2) / ((k + 1) * (mu + k + 1) * (nu + k + 1) * (s + k + 1))
            k += 1
        return +total


def trigonometric(l):
    """Coefficients c_n with j_l(x) = Re[e^(ix) sum_n c_n x^(-n-1)] (exact, finite)."""
    return [
        mp.mpc(0, -1) ** (l + 1) * mp.mpc(0, 1) ** n * mp.factorial(l + n) / (2**n * mp.factorial(n) * mp.factorial(l - n))
        for n in range(l + 1)
    ]


def product_between(L, M, p, a, b):
    """int_a^b x^p j_L j_M dx at large arguments, from the finite trigonometric form."""
    with mp.workdps(60):
        a, b = mp.mpf(a), mp.mpf(b)
        first, second = trigonometric(L), trigonometric(M)
        smooth, wave = {}, {}
        for i, c in enumerate(first):
            for k, d in enumerate(second):
                if abs(c * d) * a ** (-i - k) < mp.mpf(10) ** -50:
                    break
                smooth[i + k] = smooth.get(i + k, 0) + mp.re(c * mp.conj(d)) / 2
                wave[i + k] = wave.get(i + k, 0) + c * d / 2
        total = mp.mpf(0)
        for n in smooth:
            q = p - n - 2
            total += smooth[n] * (mp.log(b / a) if q == -1 else (b ** (q + 1) - a ** (q + 1)) / (q + 1))
            total += mp.re(wave[n] * (antiderivative(q, a) - antiderivative(q, b)))
        return +total


def antiderivative(q, x):
    """int_x^inf t^q e^(2it) dt (continued in q)."""
    return mp.mpc(0, mp.mpf(1) / 2) ** (q + 1) * mp.gammainc(q + 1, mp.mpc(0, -2) * x)


SERIES_TO = 600


def product_integral(L, M, p, a, b):
    """int_a^b x^p j_L j_M dx."""
    switch = mp.mpf(SERIES_TO)
    total = mp.mpf(0)
    if a < switch:
        total += product_from_zero(L, M, p, min(b, switch)) - (product_from_zero(L, M, p, a) if a > 0 else 0)
    if b > switch:
        total += product_between(L, M, p, max(a, switch), b)
    return total


def banded(l, m, g, b, low, high):
    """<a_l a_m> for w = k^-g on [low, high]: E is a sum of powers below and within the band."""
    low, high = mp.mpf(low), mp.mpf(high)

    def derivative_integral(p, lower, upper):
        f = lambda L, M: product_integral(L, M, p, lower, upper)  # noqa: E731
        total = l * m * f(l - 1, m - 1) - l * (m + 1) * f(l - 1, m + 1) - (l + 1) * m * f(l + 1, m - 1)
        return (total + (l + 1) * (m + 1) * f(l + 1, m + 1)) / ((2 * l + 1) * (2 * m + 1))

    one, two = b / 2, 1 - 3 * b / 2
    total = one * (low**-g - high**-g) / g * derivative_integral(0, mp.mpf(0), low)
    total += two * (low ** (-g - 2) - high ** (-g - 2)) / (g + 2) * derivative_integral(2, mp.mpf(0), low)
    total += (one / g + two / (g + 2)) * derivative_integral(-g, low, high)
    total -= one * high**-g / g * derivative_integral(0, low, high)
    total -= two * high ** (-g - 2) / (g + 2) * derivative_integral(2, low, high)
    # E is half of this; both signs of kappa.
    return 4 * mp.pi * mp.sqrt((2 * l + 1) * (2 * m + 1)) * (-1) ** ((l - m) // 2) * total


# --- outer scale ----------------------------------------------------------------------------------------------------


def von_karman(l, m, g, b, outer):
    """<a_l a_m> of w = s(k)/s(2 pi), s = k^-g [q^2/(1+q^2)]^((g+4)/2), q = k outer/(2 pi), in units of w(2 pi)."""
    p, c = (g + 4) / 2, mp.mpf(outer) / (2 * mp.pi)
    norm = (2 * mp.pi) ** -g * ((2 * mp.pi * c) ** 2 / (1 + (2 * mp.pi * c) ** 2)) ** p

    def line(kappa):
        y = (kappa * c) ** 2
        across = (1 + y) ** (2 - p) / (2 * (p - 1) * (p - 2))
        along = y * (1 + y) ** (1 - p) / (2 * (p - 1))
        return (b / 2 * across + (1 - b) * along) * c**g / norm / 2

    f = lambda x: line(x) * dj(l, x) * dj(m, x)  # noqa: E731
    edges = [0, mp.mpf(1) / 100, mp.mpf(1) / 10, 1, *range(4, 4 * (max(l, m) // 4) + 41, 4)]
    total = mp.quad(f, edges)
    total += tail(line, lambda x: derivative_polynomial(l, x), lambda x: derivative_polynomial(m, x), edges[-1])
    return 8 * mp.pi * mp.sqrt((2 * l + 1) * (2 * m + 1)) * (-1) ** ((l - m) // 2) * total


def dissipation(l, m, g, b, outer, inner):
    """The same with the factor exp[-(k inner/2 pi)^2], normalised at 2 pi: double precision, k outside, cosine inside."""
    g, b, outer, inner = float(g), float(b), float(outer), float(inner)
    p, c, d = (g + 4) / 2, outer / (2 * np.pi), inner / (2 * np.pi)
    w = lambda k: k**-g * ((k * c) ** 2 / (1 + (k * c) ** 2)) ** p * np.exp(-((k * d) ** 2))  # noqa: E731
    u, weights = np.polynomial.legendre.leggauss(40)
    edges = np.concatenate([[0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 2], np.arange(6.0, 2 * np.pi / inner * 7, 4.0)])
    total = 0.0
    for low, high in itertools.pairwise(edges):
        k, k_weights = low + (high - low) / 2 * (1 + u), (high - low) / 2 * weights
        panels = 2 + int(high / 8)
        y = (np.arange(panels)[:, None] + (1 + u) / 2).ravel() / panels
        y_weights = np.tile(weights / 2, panels) / panels
        x = k[:, None] * y
        product = spherical_jn(l, x, derivative=True) * spherical_jn(m, x, derivative=True)
        total += k_weights * w(k) @ (product @ (y_weights * (b / 2 * (1 - y * y) + (1 - b) * y * y)))
    return 4 * np.pi * np.sqrt((2 * l + 1) * (2 * m + 1)) * (-1) ** ((l - m) // 2) * total / w(2 * np.pi)


# --- isotropic diffusion --------------------------------------------------------------------------------------------


def isotropic(l, g, b):
    """C_l in units of (slope/v)^2."""
    f = lambda x: x**-g * ((1 - b) * dj(l, x) ** 2 + b / 2 * l * (l + 1) * (j(l, x) / x) ** 2)  # noqa: E731
    edges = [0, mp.mpf(1) / 100, mp.mpf(1) / 10, 1, *range(4, 4 * (l // 4) + 41, 4)]
    total = mp.quad(f, edges)
    radial, across = lambda x: derivative_polynomial(l, x), lambda x: polynomial(l, x) / x
    total += (1 - b) * tail(lambda x: x**-g, radial, radial, edges[-1])
    total += b / 2 * l * (l + 1) * tail(lambda x: x**-g, across, across, edges[-1])
    return 4 * mp.pi * total


def main():
    """Write the file."""
    text = lambda x: mp.nstr(mp.mpf(x), 32)  # noqa: E731
    values = {
        "power_law": [
            [l, m, g, b, text(eq10(l, m, lambda L, M, g=g, b=b: cc(L, M, GAMMAS[g], BETAS[b])))]
            for l, m in PAIRS for g in GAMMAS for b in BETAS
        ],
        "banded": [
            [l, m, g, b, low, high, text(banded(l, m, GAMMAS[g], BETAS[b], low, high))]
            for l, m in [(2, 2), (2, 6), (10, 12), (50, 50), (200, 200), (150, 200), (3, 199)]
            for g, b, low, high in [
                ("5/3", "2/3", "1e-3", "1e3"), ("1.5", "1", "1e-6", "1e6"), ("2.5", "0", "0.5", "50"),
                ("1.2", "1/3", "1e-6", "1e-1"), ("5/3", "1", "300", "1e6"), ("2", "2/3", "1e-2", "30"),
            ]
        ],
    }  # fmt: skip
    mp.mp.dps = 25
    values["printed"] = [
        [L, M, n, "5/3", text(direct_eq7(L, M, n, GAMMAS["5/3"]))] for L, M, n in [(1, 1, 0), (2, 4, 2), (3, 3, 2), (1, 3, 0)]
    ]
    values["isotropic"] = [
        [l, g, b, text(isotropic(l, GAMMAS[g], BETAS[b]))]
        for l in (2, 7, 20) for g, b in [("5/3", "2/3"), ("1.2", "1"), ("2.5", "0")]
    ]  # fmt: skip
    values["von_karman"] = [
        [l, m, "5/3", b, "30", text(von_karman(l, m, GAMMAS["5/3"], BETAS[b], 30))]
        for l, m in [(2, 2), (2, 4), (10, 10), (20, 26)] for b in ("2/3", "1")
    ]  # fmt: skip
    values["dissipation"] = [
        [l, m, "5/3", "2/3", "10", "0.5", text(dissipation(l, m, GAMMAS["5/3"], BETAS["2/3"], "10", "0.5"))]
        for l, m in [(2, 2), (3, 5), (12, 12), (20, 22)]
    ]
    path = Path(__file__).with_name("reference_values.json")
    path.write_text("{\n" + ",\n".join(_section(name, rows) for name, rows in values.items()) + "\n}\n", encoding="utf-8")


def _section(name, rows):
    return f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"


if __name__ == "__main__":
    main()
