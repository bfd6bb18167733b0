import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * The page, or the part of it that `within` selects, breaks no rule of axe: WCAG and good practice. Looks once what rises
 * has risen: until then its words are half there. Words that fade for ever are no matter of the moment, so they are
 * looked for apart. What an agent serves in a preview's frame is not the page's own and is left out.
 */
export async function expectAccessible(page: Page, within = "body"): Promise<void> {
  expect(await page.evaluate(fadingWords)).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).include(within).exclude("iframe").analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** Runs in the page: what stands in elements whose opacity moves without end, after all else has come to rest. */
async function fadingWords(): Promise<string[]> {
  const endless = (animation: Animation) => animation.effect?.getComputedTiming().endTime === Infinity;
  const moving = document.getAnimations();
  await Promise.allSettled(moving.filter((animation) => !endless(animation)).map(({ finished }) => finished));
  return moving.filter(endless).flatMap(({ effect }) => {
    if (!(effect instanceof KeyframeEffect) || !effect.getKeyframes().some((frame) => "opacity" in frame)) return [];
    return effect.target?.textContent || [];
  });
}
