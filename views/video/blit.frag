// Draws a picture that is ready, pixel for pixel: all that a shader may cost where
// it runs on the CPU.

uniform vec2 frame;  // the output, in pixels
uniform vec4 bounds; // the tile: x1, y1, x2, y2, in pixels from the top left

uniform sampler2D picture;

void main()
{
    vec2 at = vec2(gl_FragCoord.x, frame.y - gl_FragCoord.y) - bounds.xy;
    gl_FragColor = texture2D(picture, at / (bounds.zw - bounds.xy));
}
