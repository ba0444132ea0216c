import { bootstrapWorker, dummyPaymentHandler, Importer, LanguageCode, Populator } from "@vendure/core";
import { vendureConfig } from "./config.mjs";

// Makes the schema, one of each thing that a checkout needs, and the products.

const { app } = await bootstrapWorker(vendureConfig({ synchronize: true }));

await app.get(Populator).populateInitialData({
  defaultLanguage: LanguageCode.en,
  defaultZone: "Europe",
  countries: [{ name: "Germany", code: "DE", zone: "Europe" }],
  taxRates: [{ name: "Standard", percentage: 19 }],
  shippingMethods: [{ name: "Parcel", price: 500 }],
  paymentMethods: [
    {
      name: "At once",
      handler: { code: dummyPaymentHandler.code, arguments: [{ name: "automaticSettle", value: "true" }] },
    },
  ],
  collections: [],
});

const columns =
  "name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets";
/** Name, price and stock of each product, in the order of their ids. */
const products = JSON.parse(process.env.PRODUCTS);
const rows = products.map(({ sku, units }) => `${sku},${sku.toLowerCase()},,,,,,${sku},19.90,Standard,${units},true,,`);
const csv = [columns, ...rows].join("\n");
await new Promise((resolve, reject) => {
  let last;
  app
    .get(Importer)
    .parseAndImport(csv, LanguageCode.en)
    .subscribe({
      next: (progress) => {
        last = progress;
      },
      error: reject,
      complete: () => (last?.errors?.length ? reject(new Error(last.errors.join("\n"))) : resolve()),
    });
});
await app.close();
process.exit(0);
