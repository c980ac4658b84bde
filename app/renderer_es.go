//go:build (gles || arm || arm64) && !darwin

package app

import gl "github.com/go-gl/gl/v3.1/gles2"

// rendererName is what draws in the current context; empty where that is unknown.
func rendererName() string {
	if gl.Init() != nil {
		return ""
	}
	name := gl.GetString(gl.RENDERER)
	if name == nil {
		return ""
	}
	return gl.GoStr(name)
}
