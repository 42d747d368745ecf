// What a customer means to buy: lines of { item, count, cents }.
export function total(lines) {
  return lines.reduce((cents, line) => cents + line.count * line.cents, 0);
}
