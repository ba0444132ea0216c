const { writeFileSync } = require("node:fs");
const flows = require("@medusajs/medusa/core-flows");
const { ContainerRegistrationKeys, Modules, ProductStatus } = require("@medusajs/framework/utils");

const batchSize = 100;

/** One channel, region, warehouse and way to ship, and the products; what clients need to know is written to SHOP_FILE. */
module.exports.default = async function prepare({ container }) {
  const products = JSON.parse(process.env.PRODUCTS);
  const run = async (workflow, input) => (await flows[workflow](container).run({ input })).result;

  const [channel] = await run("createSalesChannelsWorkflow", { salesChannelsData: [{ name: "Shop" }] });
  const [key] = await run("createApiKeysWorkflow", {
    api_keys: [{ title: "Shop", type: "publishable", created_by: "" }],
  });
  await run("linkSalesChannelsToApiKeyWorkflow", { id: key.id, add: [channel.id] });
  const [region] = await run("createRegionsWorkflow", {
    regions: [
      {
        name: "Shop",
        currency_code: "eur",
        countries: ["de"],
        payment_providers: ["pp_system_default"],
        automatic_taxes: false,
      },
    ],
  });
  const [warehouse] = await run("createStockLocationsWorkflow", {
    locations: [{ name: "Warehouse", address: { address_1: "Dock 1", city: "Berlin", country_code: "DE" } }],
  });
  await run("linkSalesChannelsToStockLocationWorkflow", { id: warehouse.id, add: [channel.id] });
  const [profile] = await run("createShippingProfilesWorkflow", { data: [{ name: "Shop", type: "default" }] });
  const shipping = await createShipping({ container, run, warehouse, profile });
  await createProducts({ container, run, channel, warehouse, profile, products });

  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data: variants } = await query.graph({ entity: "product_variant", fields: ["id", "sku"] });
  const idOf = new Map(variants.map(({ id, sku }) => [sku, id]));
  const shop = {
    key: key.token,
    region: region.id,
    shipping: shipping.id,
    variants: products.map(({ sku }) => idOf.get(sku)),
  };
  writeFileSync(process.env.SHOP_FILE, JSON.stringify(shop));
};

async function createShipping({ container, run, warehouse, profile }) {
  const fulfillment = container.resolve(Modules.FULFILLMENT);
  const link = container.resolve(ContainerRegistrationKeys.LINK);
  const set = await fulfillment.createFulfillmentSets({
    name: "Delivery",
    type: "shipping",
    service_zones: [{ name: "Zone", geo_zones: [{ type: "country", country_code: "de" }] }],
  });
  const place = { [Modules.STOCK_LOCATION]: { stock_location_id: warehouse.id } };
  await link.create({ ...place, [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" } });
  await link.create({ ...place, [Modules.FULFILLMENT]: { fulfillment_set_id: set.id } });
  const [shipping] = await run("createShippingOptionsWorkflow", [
    {
      name: "Flat",
      price_type: "flat",
      provider_id: "manual_manual",
      service_zone_id: set.service_zones[0].id,
      shipping_profile_id: profile.id,
      type: { label: "Flat", description: "One price", code: "flat" },
      prices: [{ currency_code: "eur", amount: 5 }],
      rules: [],
    },
  ]);
  return shipping;
}

async function createProducts({ container, run, channel, warehouse, profile, products }) {
  for (let first = 0; first < products.length; first += batchSize) {
    const batch = products.slice(first, first + batchSize).map(({ sku }) => ({
      title: sku,
      status: ProductStatus.PUBLISHED,
      shipping_profile_id: profile.id,
      sales_channels: [{ id: channel.id }],
      options: [{ title: "Size", values: ["One"] }],
      variants: [
        {
          title: sku,
          sku,
          manage_inventory: true,
          options: { Size: "One" },
          prices: [{ currency_code: "eur", amount: 19.9 }],
        },
      ],
    }));
    await run("createProductsWorkflow", { products: batch });
  }
  const unitsOf = new Map(products.map(({ sku, units }) => [sku, units]));
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data: items } = await query.graph({ entity: "inventory_item", fields: ["id", "sku"] });
  const levels = items.map(({ id, sku }) => ({
    inventory_item_id: id,
    location_id: warehouse.id,
    stocked_quantity: unitsOf.get(sku),
  }));
  await run("createInventoryLevelsWorkflow", { inventory_levels: levels });
}
