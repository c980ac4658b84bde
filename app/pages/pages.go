// Package pages gives memory back to the system that is not of Go's heap: pages of the
// program's own files, and what C freed.
package pages
