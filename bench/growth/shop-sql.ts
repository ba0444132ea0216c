import type { Filling } from "./filling.ts";
import { eventId, idCode, stepAt, tickAt } from "./plan-sql.ts";

/** Of each product at the beginning: more than all orders can take. */
export const initialStock = 100_000_000;

export const currency = "EUR";
export const location = "main";

export const skuSql = (index: string) => `'GROWTH-' || lpad((${index})::text, 6, '0')`;
/** In minor units. */
export const priceSql = (index: string) => `(100 + ${index} % 9900)`;
export const productNameSql = (index: string) =>
  `(array['Blue','Green','Large','Small','Heavy','Light','Round','Square'])[1 + (${index}) % 8] || ' '
   || (array['mug','shirt','lamp','bag','bench','chair','table','plate','spoon','clock'])[1 + (${index}) % 10] || ' ' || (${index})`;

export const contactName = "Ada Lovelace";
export const contactEmailSql = "p.customer_id || '@example.com'";
export const addressSql = `'{"name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"}'::jsonb`;

export const totalSql = `(p.quantity0 * ${priceSql("p.sku0")} + p.quantity1 * ${priceSql("p.sku1")})`;

/** The lines as inventory and worker know them: SKU and quantity. */
export const stockLinesSql = `jsonb_build_array(${stockLine(0)}, ${stockLine(1)})`;

function stockLine(index: 0 | 1): string {
  return `jsonb_build_object('sku', ${skuSql(`p.sku${index}`)}, 'quantity', p.quantity${index})`;
}

function orderLine(index: 0 | 1): string {
  const sku = `p.sku${index}`;
  return `${stockLine(index)} || jsonb_build_object('name', ${productNameSql(sku)}, 'unitPrice',
    jsonb_build_object('amountMinor', ${priceSql(sku)}, 'currency', '${currency}'))`;
}

export const requestHash = "growth-growth-growth-growth-growth-growth-g";
export const carrier = "simulated";
export const trackingSql = "'SIM' || upper(left(md5(p.n::text), 16))";

/** SQL for an order's shipment's id. */
export const shipmentIdSql = (filling: Filling) =>
  `pg_temp.growth_id(${idCode.shipment}, p.n, ${tickAt(filling, "3")})`;
export const idempotencyKeySql = `pg_temp.growth_id(${idCode.idempotencyKey}, p.n, p.at)`;

/** SQL for the data of the event of a step, as its producer tells it, of `plan p` and `step s`. */
export function dataSql(filling: Filling): string {
  const told = `pg_temp.growth_iso(${stepAt(filling)})`;
  const reference = `jsonb_build_object('orderId', p.id, 'number', p.number, 'customerId', p.customer_id,
    'contact', jsonb_build_object('name', '${contactName}', 'email', ${contactEmailSql}),
    'total', jsonb_build_object('amountMinor', ${totalSql}, 'currency', '${currency}'))`;
  const shipment = `jsonb_build_object('shipmentId', ${shipmentIdSql(filling)}, 'orderId', p.id, 'carrier', '${carrier}',
    'trackingNumber', ${trackingSql})`;
  const skus = `jsonb_build_array(${skuSql("p.sku0")})`;
  return `case s.type
    when 'order.created' then ${reference} || jsonb_build_object('lines', jsonb_build_array(${orderLine(0)}, ${orderLine(1)}),
      'shippingAddress', ${addressSql}, 'placedAt', ${told},
      'request', jsonb_build_object('idempotencyKey', ${idempotencyKeySql}, 'hash', '${requestHash}'))
    when 'order.confirmed' then ${reference} || jsonb_build_object('confirmedAt', ${told})
    when 'order.shipped' then ${reference} || jsonb_build_object('shippedAt', pg_temp.growth_iso(${tickAt(filling, "5")}),
      'carrier', '${carrier}', 'trackingNumber', ${trackingSql})
    when 'order.delivered' then ${reference} || jsonb_build_object('deliveredAt', pg_temp.growth_iso(${tickAt(filling, "9")}))
    when 'order.cancelled' then ${reference} || jsonb_build_object('cancelledAt', ${told}, 'reason', 'No longer needed',
      'previousStatus', 'confirmed')
    when 'order.rejected' then ${reference} || jsonb_build_object('rejectedAt', ${told}, 'reason', 'out_of_stock', 'skus', ${skus})
    when 'fulfil-order' then jsonb_build_object('orderId', p.id, 'number', p.number,
      'contact', jsonb_build_object('name', '${contactName}', 'email', ${contactEmailSql}),
      'shippingAddress', ${addressSql}, 'lines', ${stockLinesSql})
    when 'stock.rejected' then jsonb_build_object('orderId', p.id, 'reason', 'out_of_stock', 'skus', ${skus})
    when 'shipment.dispatched' then ${shipment} || jsonb_build_object('dispatchedAt', ${told}, 'authorizedAt',
      pg_temp.growth_iso(${tickAt(filling, "4")}))
    when 'shipment.delivered' then ${shipment} || jsonb_build_object('deliveredAt', ${told})
    else jsonb_build_object('orderId', p.id, 'lines', ${stockLinesSql}) end`;
}

/** SQL for the id of the command that asked for the shipment. */
export const fulfilIdSql = (filling: Filling) => eventId(filling, { code: 4, tick: 2 });
