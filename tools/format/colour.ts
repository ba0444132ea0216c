// By path: `up --help` reads it before anything is installed.
export { type Colour, colour } from "../../infra/command-line/colour.ts";
