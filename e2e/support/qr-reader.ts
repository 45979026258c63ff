import jsQr from "jsqr";
import type { Locator } from "playwright-core";

/** Reads a QR code off the screen, as a camera would: from its pixels. */
export async function readQr(picture: Locator): Promise<string> {
  const png = (await picture.screenshot()).toString("base64");
  // A page of its own: the portal's content security policy would refuse to load the picture.
  const page = await picture.page().context().newPage();
  const { width, height, data } = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    return { width: image.width, height: image.height, data: Array.from(pixels) };
  }, png);
  await page.close();
  const found = jsQr(Uint8ClampedArray.from(data), width, height);
  if (found === null) throw new Error("no QR code can be read off the picture");
  return found.data;
}
