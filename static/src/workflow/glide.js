/**
 * Moves an element by an animation that stands still. Odoo's style sheets have hundreds of rules
 * with `:has()`: for each change of a style attribute, a class or a text the browser looks at the
 * whole page again. For this it does not.
 *
 * @param {() => HTMLElement} getElement
 * @returns {{ to: (transform: string) => void, end: () => void }}
 */
export function makeGlide(getElement) {
    let animation = null;
    return {
        to(transform) {
            const element = getElement();
            const frames = { transform: [transform, transform] };
            if (animation?.effect.target === element) {
                animation.effect.setKeyframes(frames);
            } else {
                animation = element.animate(frames, { duration: 1, fill: "both" });
                animation.pause();
            }
        },
        /** Back to where its style says that it is. */
        end() {
            animation?.cancel();
            animation = null;
        },
    };
}
