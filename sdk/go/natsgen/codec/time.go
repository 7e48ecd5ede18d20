package codec

import (
	"net/netip"
	"strings"
	"time"
)

func isDateTime(text string) bool {
	i := strings.IndexAny(text, "Tt")
	return i >= 0 && isDate(text[:i]) && isTime(text[i+1:])
}

func isDate(text string) bool {
	if len(text) != 10 {
		return false
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// pair returns the value of two digits at i; -1 if there are none.
func pair(text string, i int) int {
	if i+2 > len(text) || text[i]-'0' > 9 || text[i+1]-'0' > 9 {
		return -1
	}
	return int(text[i]-'0')*10 + int(text[i+1]-'0')
}

func isTime(text string) bool {
	if len(text) < 9 || text[2] != ':' || text[5] != ':' {
		return false
	}
	hour, minute, second := pair(text, 0), pair(text, 3), pair(text, 6)
	rest := text[8:]
	if rest[0] == '.' {
		end := digitsEnd(rest, 1)
		if end == 1 {
			return false
		}
		rest = rest[end:]
	}
	offset, ok := offsetMinutes(rest)
	if !ok || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 {
		return false
	}
	// A leap second is the last second of a UTC day.
	const day = 24 * 60
	if ((hour*60+minute-offset)%day+day)%day == day-1 {
		return second <= 60
	}
	return second <= 59
}

func offsetMinutes(text string) (int, bool) {
	if text == "Z" || text == "z" {
		return 0, true
	}
	if len(text) != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-') {
		return 0, false
	}
	hours, minutes := pair(text, 1), pair(text, 4)
	if hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
		return 0, false
	}
	if text[0] == '-' {
		return -(hours*60 + minutes), true
	}
	return hours*60 + minutes, true
}

func isDuration(text string) bool {
	text, ok := strings.CutPrefix(text, "P")
	if !ok {
		return false
	}
	date, clock, hasTime := strings.Cut(text, "T")
	if hasTime {
		return (date == "" || hasUnits(date, "YMD")) && hasUnits(clock, "HMS")
	}
	return hasUnits(date, "YMD") || hasUnits(date, "W")
}

// hasUnits reports whether text consists of integers with consecutive units, at least one.
func hasUnits(text, units string) bool {
	var found []byte
	for text != "" {
		end := digitsEnd(text, 0)
		if end == 0 || end == len(text) {
			return false
		}
		found = append(found, text[end])
		text = text[end+1:]
	}
	return len(found) > 0 && strings.Contains(units, string(found))
}

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}

func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6() && address.Zone() == ""
}
