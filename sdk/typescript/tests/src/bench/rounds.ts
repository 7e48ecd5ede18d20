/** Rounds in which contenders take turns, so that other load of the machine affects all of them. */

/** The values of a contender, a value for each round. */
export type Series = number[];

/** The median of the values. */
export function median(series: Series): number {
  const sorted = series.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = sorted.length % 2 === 0 ? sorted.slice(middle - 1) : [sorted[middle], sorted[middle]];
  return (low + high) / 2;
}

/** The median of the ratios to a baseline, round by round. */
export function ratio(series: Series, baseline: Series): number {
  return median(series.map((value, round) => value / (baseline[round] ?? NaN)));
}

/** The next contender: each runs once per round, and each round starts with another contender. */
export function* turns(rounds: number, contenders: number): Generator<number> {
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders; turn++) {
      yield (round + turn) % contenders;
    }
  }
}

/** The processor time of the process, in microseconds. Other processes change it less than the time of the clock. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Prints a result. */
export function report(name: string, value: number, unit: string): void {
  console.log(`${name} ${value.toPrecision(4)} ${unit}`);
}
