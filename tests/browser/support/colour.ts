/** A colour in linear RGB, from 0 to 1. */
type Rgb = [number, number, number];

type Matrix = [Rgb, Rgb, Rgb];

/**
 * Simulations of protanopia, deuteranopia and tritanopia in linear RGB, at severity 1.
 *
 * Source: Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
 * vision deficiency", IEEE TVCG 2009.
 */
const COLOUR_BLINDNESS: Matrix[] = [
  [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
];

/** Smallest distance of two colours in OKLab, over normal vision and the simulated colour blindnesses. */
export function leastDistance(one: string, other: string): number {
  const visions = [(rgb: Rgb) => rgb, ...COLOUR_BLINDNESS.map((matrix) => (rgb: Rgb) => apply(matrix, rgb))];
  return Math.min(...visions.map((see) => distance(oklab(see(linear(one))), oklab(see(linear(other))))));
}

/** WCAG contrast ratio of two colours, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linear(hex: string): Rgb {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
}

/** Source: Ottosson, "A perceptual color space for image processing", 2020. */
function oklab(light: Rgb): Rgb {
  const cones = apply([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], light);
  return apply([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], cones.map((each) => Math.cbrt(Math.max(each, 0))) as Rgb);
}

function apply(matrix: Matrix, [r, g, b]: Rgb): Rgb {
  return matrix.map((row) => row[0] * r + row[1] * g + row[2] * b) as Rgb;
}

function distance(one: Rgb, other: Rgb): number {
  return Math.hypot(...one.map((value, i) => value - (other[i] ?? 0)));
}
