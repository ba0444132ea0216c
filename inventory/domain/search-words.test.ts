import { expect, test } from "bun:test";
import { searchWords } from "./search-words.ts";

test.each([
  ["Blue MUG", ["blue", "mug"]],
  ["MUG-0001", ["mug", "0001"]],
  ["Café crème", ["cafe", "creme"]],
  ["İstanbul", ["istanbul"]],
  ["mug  mug", ["mug"]],
  ["茶碗 300ml", ["茶碗", "300ml"]],
  ["%_'\\ :* & | !", []],
  ["", []],
])("%p is found by %p", (text, words) => {
  expect(searchWords(text)).toEqual(words);
});
