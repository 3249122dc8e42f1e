/**
 * When a frame has reached the screen: what is counted as the delay ends there.
 */

/**
 * Once what was committed stands on the screen.
 * @param {(now: number) => void} act
 */
export function afterDrawing(act) {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      act(performance.now());
    };
    port2.postMessage(null);
  });
}
