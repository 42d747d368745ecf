// Whether there is enough of everything in the cart.
export function inStock(lines, shelf) {
  return lines.every((line) => (shelf[line.item] ?? 0) >= line.count);
}
