//go:build !apm0 && !apm1 && !apm2

package voice

// Library is what processes voices here: nothing, in a program that was built
// without the library.
const Library = ""

func open() (engine, error) { return nil, ErrMissing }
