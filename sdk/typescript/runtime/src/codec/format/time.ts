const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const DURATION =
  /^P(?:\d+W|(?=\d|T)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/;

/** Whether a text is a date and time of RFC 3339. */
export function isDateTime(text: string): boolean {
  const separator = text.charAt(10);
  return (separator === "T" || separator === "t") && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

/** Whether a text is a date of RFC 3339. */
export function isDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (parts === null) {
    return false;
  }
  const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
}

/** Whether a text is a time with its offset of RFC 3339. */
export function isTime(text: string): boolean {
  const parts = TIME.exec(text);
  if (parts === null) {
    return false;
  }
  const [hour = 0, minute = 0, second = 0] = parts.slice(1, 4).map(Number);
  const [hours = 0, minutes = 0] = parts.slice(5).map((digits?: string) => Number(digits ?? 0));
  if (hour > 23 || minute > 59 || hours > 23 || minutes > 59) {
    return false;
  }
  const offset = (hours * 60 + minutes) * (parts[4] === "-" ? -1 : 1);
  // A leap second is the last second of a UTC day.
  const utc = (((hour * 60 + minute - offset) % 1440) + 1440) % 1440;
  return second <= (utc === 1439 ? 60 : 59);
}

/** Whether a text is a duration of RFC 3339. */
export function isDuration(text: string): boolean {
  return DURATION.test(text);
}

function lastDay(year: number, month: number): number {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
