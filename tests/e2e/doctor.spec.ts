import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

test('beside the code, the window shows what keeps the phone away, and follows what happens', async ({
  desktop,
  phones,
}) => {
  const { window } = desktop
  const open = window.getByTestId('doctor')
  await expect(open).toHaveAttribute('aria-expanded', 'false')
  await open.click()
  // The link of these tests is at loopback, which is no adapter's address.
  await expect(window.getByTestId('verdict')).toHaveAttribute('data-verdict', 'code-gone')
  await expect(window.getByTestId('verdict')).toContainText('127.0.0.1')
  await expect(window.getByTestId('seen-firewall')).toBeVisible()
  await expect(window.getByTestId('doctor-act')).toHaveCount(0)

  const phone = await Phone.join(phones, desktop.link())
  await window.getByTestId('add-phone').click()
  await window.getByTestId('doctor').click()
  await expect(window.getByTestId('verdict')).toHaveAttribute('data-verdict', 'reached')
  await window.getByTestId('doctor').click()
  await expect(window.getByTestId('verdict')).toHaveCount(0)
  await phone.close()
})
