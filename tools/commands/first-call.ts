export type FirstCall = { gateway: string; mailbox: string; password: string };

/**
 * The shell commands that sign in, place an order, read it back and read its mails, with nothing but sh, curl and
 * sed. `password` may be a shell expression.
 */
export function firstCall({ gateway, mailbox, password }: FirstCall): string {
  return String.raw`GATEWAY=${gateway}
PASSWORD=${password}

# Sign in, and take a token for the API.
SESSION=$(curl -s -o /dev/null -D - $GATEWAY/auth/sign-in/email -H 'content-type: application/json' \
  -d '{"email":"customer@example.com","password":"'"$PASSWORD"'"}' | tr -d '\r' | sed -n 's/^[Ss]et-[Aa]uth-[Tt]oken: //p')
TOKEN=$(curl -s $GATEWAY/auth/token -H "authorization: Bearer $SESSION" | sed 's/.*"token":"\([^"]*\)".*/\1/')

# Choose a product, and order two of it.
SKU=$(curl -s "$GATEWAY/trpc/inventory.search?input=%7B%22limit%22%3A1%7D" | sed 's/.*"sku":"\([^"]*\)".*/\1/')
KEY=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)
PLACED=$(curl -s $GATEWAY/trpc/order.place -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{
  "idempotencyKey": "'"$KEY"'", "lines": [{ "sku": "'"$SKU"'", "quantity": 2 }],
  "shippingAddress": { "name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB" } }')
echo "$PLACED"

# A moment later, read it back, and the mails it caused.
sleep 2
ORDER_ID=$(echo "$PLACED" | sed 's/.*"data":{"id":"\([^"]*\)".*/\1/')
curl -s "$GATEWAY/trpc/order.byId?input=%7B%22orderId%22%3A%22$ORDER_ID%22%7D" -H "authorization: Bearer $TOKEN"; echo
curl -s "${mailbox}/messages?to=customer@example.com&limit=5" | grep -o '"to":\["[^]]*\],"subject":"[^"]*"'`;
}
