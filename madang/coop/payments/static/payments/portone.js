// Opens PortOne's window by a redirect when a person chooses how to pay. Everything it needs stands on the page; the server checks the amount.
for (const button of document.querySelectorAll("[data-pay-method]")) {
  button.addEventListener("click", async () => {
    const told = document.getElementById("portone").dataset;
    button.disabled = true;
    try {
      const answer = await window.PortOne.requestPayment({
        storeId: told.store,
        channelKey: told.channel,
        paymentId: told.payment,
        orderName: told.title,
        totalAmount: Number(told.amount),
        currency: "CURRENCY_KRW",
        payMethod: button.dataset.payMethod,
        redirectUrl: told.back,
        forceRedirect: true,
      });
      if (answer) window.location.assign(told.back);
    } catch {
      document.getElementById("trouble").hidden = false;
      button.disabled = false;
    }
  });
}
