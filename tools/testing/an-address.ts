/** Where orders go that are placed to try something. */
export const anAddress = {
  name: "Ada Lovelace",
  line1: "12 St James Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};
