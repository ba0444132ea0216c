import type { Money } from "@orderflow/common/money";

export type DemoProduct = { sku: string; name: string; description: string; unitPrice: Money; initialStock: number };

/** Each article comes in each variant. */
type Category = {
  prefix: string;
  variants: string[];
  articles: [name: string, priceMinor: number, description: string][];
};

const colours = ["sand", "slate", "moss", "ivory", "rust", "navy"];
const sizes = ["S", "M", "L", "XL"];

const categories: Category[] = [
  {
    prefix: "MUG",
    variants: colours,
    articles: [
      ["Stoneware mug", 1490, "Hand-glazed, 350 ml, dishwasher safe."],
      ["Espresso cup", 990, "Thick-walled, 80 ml, keeps its heat."],
      ["Travel mug", 2690, "Double-walled steel, 400 ml, does not leak."],
      ["Enamel mug", 1290, "Light and unbreakable, 300 ml."],
    ],
  },
  {
    prefix: "BOWL",
    variants: colours,
    articles: [
      ["Cereal bowl", 1390, "Stoneware, 600 ml."],
      ["Pasta plate", 1690, "Deep and wide, 24 cm."],
      ["Serving bowl", 2990, "For salads, 28 cm."],
    ],
  },
  {
    prefix: "TEE",
    variants: sizes,
    articles: [
      ["Organic T-shirt, white", 2490, "Combed organic cotton, 180 g/m²."],
      ["Organic T-shirt, black", 2490, "Combed organic cotton, 180 g/m²."],
      ["Striped long-sleeve", 3490, "Breton stripes, heavy jersey."],
      ["Hooded sweatshirt", 5990, "Brushed inside, with a kangaroo pocket."],
      ["Linen shirt", 6490, "Garment-dyed European linen."],
      ["Merino jumper", 8990, "Fine knit, does not itch."],
    ],
  },
  {
    prefix: "BAG",
    variants: ["black", "olive", "natural", "ochre"],
    articles: [
      ["Canvas tote", 1990, "Heavy cotton canvas, 15 l."],
      ["Roll-top backpack", 8490, "Waterproof, 22 l, with a laptop sleeve."],
      ["Weekender", 11990, "Waxed canvas, 38 l."],
      ["Pencil case", 1290, "Waxed canvas, brass zip."],
      ["Lunch bag", 2290, "Insulated, wipes clean."],
    ],
  },
  {
    prefix: "BOOK",
    variants: ["plain", "ruled", "dotted", "squared"],
    articles: [
      ["Notebook A5", 1190, "160 pages, 100 g paper, lies flat."],
      ["Pocket notebook A6", 690, "64 pages, sewn."],
      ["Desk pad A3", 1890, "52 sheets, one for each week."],
      ["Hardcover journal", 1990, "240 numbered pages, two ribbons."],
    ],
  },
  {
    prefix: "LAMP",
    variants: ["brass", "black", "white"],
    articles: [
      ["Desk lamp", 7990, "Dimmable LED, 2700 K, jointed arm."],
      ["Pendant lamp", 9490, "Spun metal, 30 cm."],
      ["Reading light", 2490, "Clips on, charges by USB-C."],
      ["Lantern", 3990, "For indoors and out, 20 h of light."],
    ],
  },
  {
    prefix: "KIT",
    variants: ["small", "medium", "large"],
    articles: [
      ["Cast-iron pan", 4490, "Pre-seasoned, for every hob."],
      ["Oak chopping board", 3490, "One piece of oiled oak."],
      ["Storage jar", 1190, "Borosilicate glass, airtight lid."],
      ["Mixing bowl", 1990, "Steel, with a pouring lip."],
      ["Chef's knife", 6990, "Carbon steel, full tang."],
      ["Saucepan", 5490, "Three-ply steel, for induction."],
    ],
  },
  {
    prefix: "TEA",
    variants: ["100 g", "250 g", "1 kg"],
    articles: [
      ["Assam black tea", 790, "Malty, from a single estate."],
      ["Sencha green tea", 990, "First flush, steamed."],
      ["Rooibos", 590, "Free of caffeine."],
      ["Peppermint", 490, "Whole leaves."],
      ["House blend coffee", 890, "Whole beans, medium roast."],
      ["Decaf coffee", 990, "Whole beans, water process."],
    ],
  },
  {
    prefix: "GARD",
    variants: ["10 cm", "15 cm", "20 cm"],
    articles: [
      ["Terracotta pot", 690, "With a hole and a saucer."],
      ["Hanging planter", 1890, "Glazed, with a cotton cord."],
      ["Zinc bucket", 1490, "Galvanised, for herbs."],
    ],
  },
  {
    prefix: "SOAP",
    variants: ["lavender", "cedar", "citrus", "unscented"],
    articles: [
      ["Soap bar", 590, "Cold-pressed olive oil soap, 100 g."],
      ["Hand soap", 1190, "In a glass bottle, 300 ml."],
      ["Shampoo bar", 990, "Lasts some 60 washes."],
      ["Body lotion", 1690, "With almond oil, 200 ml."],
      ["Scented candle", 2490, "Soy wax, burns for 45 h."],
    ],
  },
  {
    prefix: "SOCK",
    variants: ["36-38", "39-42", "43-46"],
    articles: [
      ["Wool socks", 1690, "Merino, ribbed."],
      ["Cotton socks", 990, "Two pairs."],
      ["Hiking socks", 1990, "Padded at heel and toe."],
    ],
  },
  {
    prefix: "TOWEL",
    variants: colours,
    articles: [
      ["Bath towel", 2990, "Organic cotton, 70 × 140 cm."],
      ["Hand towel", 1290, "Organic cotton, 50 × 100 cm."],
      ["Kitchen towel", 890, "Half linen, 50 × 70 cm."],
      ["Linen napkin", 990, "Washed linen, 45 × 45 cm."],
    ],
  },
];

const stepPerVariantMinor = 50;
const soldOutEvery = 100;
const scarceEvery = 23;

/** The demo shop, the same at every call: some 220 products, a few of them scarce and two sold out. */
export function demoProducts(): DemoProduct[] {
  const products = categories.flatMap(toProducts);
  return products.map((product, index) => ({ ...product, initialStock: stockOf(index + 1) }));
}

function toProducts({ prefix, variants, articles }: Category): Omit<DemoProduct, "initialStock">[] {
  const all = articles.flatMap(([name, priceMinor, description]) =>
    variants.map((variant, step) => ({
      name: `${name}, ${variant}`,
      description,
      amountMinor: priceMinor + step * stepPerVariantMinor,
    })),
  );
  return all.map(({ name, description, amountMinor }, index) => ({
    sku: `${prefix}-${String(index + 1).padStart(4, "0")}`,
    name,
    description,
    unitPrice: { amountMinor, currency: "EUR" },
  }));
}

function stockOf(number: number): number {
  if (number % soldOutEvery === 0) return 0;
  if (number % scarceEvery === 0) return 1 + (number % 5);
  return 20 + ((number * 37) % 481);
}
