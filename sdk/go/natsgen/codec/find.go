package codec

// FindKey returns the value of a member of the object in data: a text, or another value as JSON. It returns false if
// there is none.
func FindKey(data []byte, name string) (string, bool) {
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	r.reset(data, false)
	if r.err != nil {
		return "", false
	}
	o := Object{r: r}
	o.enter()
	for {
		key, ok := o.nextKey()
		if !ok {
			return "", false
		}
		if key != name {
			r.skip(false)
			continue
		}
		if r.space() == '"' {
			return r.string()
		}
		raw := r.Raw()
		return string(raw), raw != nil
	}
}
